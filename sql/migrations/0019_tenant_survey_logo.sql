-- The picture at the head of a survey's pages, and what is known of it without its bytes, both sealed;
-- no row stands for none.
CREATE TABLE survey_logo (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  about {bytes} NOT NULL,
  picture {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, survey_id)
);
{tenant_table survey_logo}
