-- Surveys, their versions, their links and the responses to them.
-- Classes of columns: ids, times, counters and enumerations are clear; `title`, `questionnaire`,
-- `secret`, `answers` and `origin` are sealed; `link_hash`, `key_hash`, `body_hash` are keyed hashes.

-- mode: 0 anonymous, 1 confidential, 2 identified. revision: grows with every change (ETag).
-- version: the one now published, 0 before the first.
CREATE TABLE survey_survey (
  tenant_id {bytes} NOT NULL,
  id {bytes} NOT NULL,
  mode BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  version BIGINT NOT NULL,
  retention_days BIGINT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  title {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
{tenant_table survey_survey}

-- What a submission checks and counts, in one short row that is written with every response.
-- status: 0 draft, 1 open, 2 closed, 3 deleted (rows not yet swept).
-- accepted: taken in since the survey exists; erased: of these, no longer stored.
CREATE TABLE survey_gate (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  status BIGINT NOT NULL,
  opens_at BIGINT,
  closes_at BIGINT,
  response_cap BIGINT,
  accepted BIGINT NOT NULL,
  erased BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, survey_id)
);
{tenant_table survey_gate}

-- published_at is null for the draft, which is version `version + 1`.
CREATE TABLE survey_version (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  version BIGINT NOT NULL,
  published_at BIGINT,
  questionnaire {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, survey_id, version)
);
{tenant_table survey_version}

CREATE TABLE survey_link (
  tenant_id {bytes} NOT NULL,
  link_hash {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  secret {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, link_hash)
);
CREATE INDEX survey_link_of ON survey_link (tenant_id, survey_id);
{tenant_table survey_link}

-- In id order, so that the place of a row tells no more than its id does (in anonymous surveys: the
-- hour). origin: the anonymised address, null in anonymous surveys.
CREATE TABLE survey_response (
  tenant_id {bytes} NOT NULL,
  survey_id {bytes} NOT NULL,
  id {bytes} NOT NULL,
  received_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  answers {bytes} NOT NULL,
  origin {bytes},
  PRIMARY KEY (tenant_id, survey_id, id)
-- only: sqlite
) WITHOUT ROWID;
-- only: postgres
);
-- both
{tenant_table survey_response}

-- Idempotency keys of the last 24 hours. `masked_id` is the response's id under a mask that only
-- the key itself gives, so the row joins nothing to nothing without it (docs/decisions/030).
-- SQLCipher: in arrival order, found through memory. PostgreSQL: several nodes, so by a unique index.
CREATE TABLE survey_idempotency (
  tenant_id {bytes} NOT NULL,
-- only: sqlite
  seq BIGINT NOT NULL,
-- both
  at BIGINT NOT NULL,
  key_hash {bytes} NOT NULL,
  body_hash {bytes} NOT NULL,
  masked_id {bytes} NOT NULL,
-- only: sqlite
  PRIMARY KEY (tenant_id, seq)
) WITHOUT ROWID;
-- only: postgres
  PRIMARY KEY (tenant_id, key_hash)
);
CREATE INDEX survey_idempotency_at ON survey_idempotency (tenant_id, at);
-- both
{tenant_table survey_idempotency}
