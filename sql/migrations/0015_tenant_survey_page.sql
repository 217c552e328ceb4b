-- What an editor set about the pages of one survey, as one sealed JSON object; no row stands for the
-- defaults.
CREATE TABLE survey_page (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  settings {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, survey_id)
);
{tenant_table survey_page}
