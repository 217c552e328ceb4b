-- What each member has stored, so that none fills the storage alone (docs/decisions/058). kind: 0 a
-- questionnaire (a row for each version), 1 the table a survey was made from, 2 a logo. version: of
-- the questionnaire, else 1. stored_by: the member who stored it last, or made the token that did.
-- bytes: as sent, unpacked. What was stored before this step has no row and counts as nothing.
CREATE TABLE survey_stored (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  kind BIGINT NOT NULL,
  version BIGINT NOT NULL,
  stored_by {bytes} NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, survey_id, kind, version)
);
CREATE INDEX survey_stored_by ON survey_stored (tenant_id, stored_by, bytes);
{tenant_table survey_stored}
