-- Answers of many responses, question by question, for quick reports (docs/decisions/043). A block
-- covers the rows of survey_response whose ids lie from first_id to last_id; whoever inserts or
-- deletes such a row deletes the block. content: sealed; null while the block is being made, by
-- whoever has `token`. responses: how many it covers; 0 without content.
CREATE TABLE survey_block (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  last_id {bytes} NOT NULL,
  token {bytes} NOT NULL,
  first_id {bytes} NOT NULL,
  responses BIGINT NOT NULL,
  content {bytes},
  PRIMARY KEY (tenant_id, survey_id, last_id, token)
-- only: sqlite
) WITHOUT ROWID;
-- only: postgres
);
-- both
{tenant_table survey_block}
