-- Links by which somebody without an account reads one report, until they expire or are taken away.
-- link_hash: keyed hash of the secret, which is stored nowhere. settings: what the link shows, as one
-- sealed JSON object. created_by: who made it ("usr_…", "tok_…").
CREATE TABLE survey_report_link (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  id {bytes} NOT NULL,
  link_hash {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  settings {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, survey_id, id)
);
CREATE UNIQUE INDEX survey_report_link_by_hash ON survey_report_link (tenant_id, link_hash);
{tenant_table survey_report_link}
