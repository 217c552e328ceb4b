-- Requests to export the tenant. The archive itself is made while it is downloaded and stored
-- nowhere. Classes: ids and times in clear; requested_by is the id of a member or token.
CREATE TABLE keep_export (
  tenant_id {bytes} NOT NULL,
  id {bytes} NOT NULL,
  requested_at BIGINT NOT NULL,
  requested_by TEXT NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
{tenant_table keep_export}
