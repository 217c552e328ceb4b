-- SQLCipher: entries lie in the order of their numbers themselves, without a table and an index beside
-- it, so that a commit writes one page less.
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
COMMENT ON COLUMN audit_entry.seq IS 'From 1 without gaps, in the order of the chain.';
