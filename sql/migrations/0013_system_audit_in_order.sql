-- SQLCipher: the system's own chain, laid as 0012 lays those of tenants.
-- only: sqlite
CREATE TABLE audit_entry_ordered (
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
) WITHOUT ROWID;
INSERT INTO audit_entry_ordered
SELECT tenant_id, seq, id, at, action, actor, object, outcome, detail, hash FROM audit_entry;
DROP TABLE audit_entry;
ALTER TABLE audit_entry_ordered RENAME TO audit_entry;
-- only: postgres
COMMENT ON COLUMN audit_head.seq IS 'The number of the newest entry.';
