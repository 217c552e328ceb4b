-- How far the Changes of the node's commit log are written into this file (docs/decisions/034).
-- epoch: random, made with the row, so that records of an earlier file of the same tenant are known
-- as such. position: of the last record written. SQLCipher only; stays empty on PostgreSQL.
CREATE TABLE commit_log_place (
  tenant_id {bytes} NOT NULL,
  epoch     {bytes} NOT NULL,
  position  BIGINT  NOT NULL,
  PRIMARY KEY (tenant_id)
);
{tenant_table commit_log_place}
