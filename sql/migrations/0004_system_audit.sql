-- The system space has a chain of its own. In PostgreSQL the tables of 0003 serve it as well (its
-- rows carry the nil tenant); the system file of SQLCipher needs them here.
-- only: sqlite
CREATE TABLE audit_entry (
  tenant_id {bytes} NOT NULL,
  seq       BIGINT  NOT NULL,
  id        {bytes} NOT NULL,
  at        BIGINT  NOT NULL,
  action    TEXT    NOT NULL,
  actor     TEXT    NOT NULL,
  object    TEXT    NOT NULL,
  outcome   TEXT    NOT NULL,
  detail    {bytes} NOT NULL,
  hash      {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);

CREATE TABLE audit_head (
  tenant_id {bytes} NOT NULL,
  seq       BIGINT  NOT NULL,
  hash      {bytes} NOT NULL,
  PRIMARY KEY (tenant_id)
);

-- only: postgres
COMMENT ON TABLE audit_entry IS 'One chain a tenant; the rows of the nil tenant are the system''s own.';
