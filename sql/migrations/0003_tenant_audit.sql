-- The audit log: one chain a tenant. `detail` is sealed; everything else is ids, times and words the
-- program itself chose. Nothing is ever updated or deleted here except with the whole tenant.
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
{tenant_table audit_entry}

-- Where the chain ends: makes a cut tail visible, and is what nodes of one cluster queue up at.
CREATE TABLE audit_head (
  tenant_id {bytes} NOT NULL,
  seq       BIGINT  NOT NULL,
  hash      {bytes} NOT NULL,
  PRIMARY KEY (tenant_id)
);
{tenant_table audit_head}
