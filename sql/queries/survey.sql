-- Surveys. Values of enumerations are explained in migrations/0010_tenant_survey.sql.

-- name: insert_survey
INSERT INTO survey_survey (tenant_id, id, mode, revision, version, retention_days, created_at,
  updated_at, title) VALUES ($1, $2, $3, 1, $4, NULL, $5, $5, $6)

-- name: insert_gate
INSERT INTO survey_gate (tenant_id, survey_id, status, opens_at, closes_at, response_cap, accepted,
  erased) VALUES ($1, $2, $3, NULL, NULL, NULL, $4, 0)

-- name: survey
SELECT s.id, s.mode, s.revision, s.version, s.retention_days, s.created_at, s.updated_at, s.title,
  g.status, g.opens_at, g.closes_at, g.response_cap, g.accepted, g.erased,
  (SELECT COALESCE(max(v.version), 0) FROM survey_version v WHERE v.tenant_id = s.tenant_id
    AND v.survey_id = s.id), s.updated_by
FROM survey_survey s
JOIN survey_gate g ON g.tenant_id = s.tenant_id AND g.survey_id = s.id
WHERE s.tenant_id = $1 AND s.id = $2 AND g.status <> 3

-- name: surveys
SELECT s.id, s.mode, s.revision, s.version, s.retention_days, s.created_at, s.updated_at, s.title,
  g.status, g.opens_at, g.closes_at, g.response_cap, g.accepted, g.erased,
  (SELECT COALESCE(max(v.version), 0) FROM survey_version v WHERE v.tenant_id = s.tenant_id
    AND v.survey_id = s.id), s.updated_by
FROM survey_survey s
JOIN survey_gate g ON g.tenant_id = s.tenant_id AND g.survey_id = s.id
WHERE s.tenant_id = $1 AND s.id > $2 AND g.status <> 3
ORDER BY s.id LIMIT $3

-- name: touch_survey
UPDATE survey_survey SET revision = revision + 1, updated_at = $4, updated_by = $5
WHERE tenant_id = $1 AND id = $2 AND revision = $3

-- name: set_editor
UPDATE survey_survey SET updated_by = $3 WHERE tenant_id = $1 AND id = $2

-- name: set_title
UPDATE survey_survey SET title = $3 WHERE tenant_id = $1 AND id = $2

-- name: set_version
UPDATE survey_survey SET version = $3 WHERE tenant_id = $1 AND id = $2

-- name: set_retention
UPDATE survey_survey SET retention_days = $3 WHERE tenant_id = $1 AND id = $2

-- name: set_status
UPDATE survey_gate SET status = $3 WHERE tenant_id = $1 AND survey_id = $2

-- name: set_window
UPDATE survey_gate SET opens_at = $3, closes_at = $4, response_cap = $5
WHERE tenant_id = $1 AND survey_id = $2

-- name: put_draft
INSERT INTO survey_version (tenant_id, survey_id, version, published_at, questionnaire)
VALUES ($1, $2, $3, NULL, $4)
ON CONFLICT (tenant_id, survey_id, version) DO UPDATE SET questionnaire = excluded.questionnaire

-- name: insert_version
INSERT INTO survey_version (tenant_id, survey_id, version, published_at, questionnaire)
VALUES ($1, $2, $3, $4, $5)

-- name: publish_version
UPDATE survey_version SET published_at = $4
WHERE tenant_id = $1 AND survey_id = $2 AND version = $3 AND published_at IS NULL

-- name: version
SELECT published_at, questionnaire FROM survey_version
WHERE tenant_id = $1 AND survey_id = $2 AND version = $3

-- name: newest_version
SELECT version, published_at, questionnaire FROM survey_version
WHERE tenant_id = $1 AND survey_id = $2 ORDER BY version DESC LIMIT 1

-- name: versions
SELECT version, published_at FROM survey_version
WHERE tenant_id = $1 AND survey_id = $2 AND version > $3 ORDER BY version LIMIT $4

-- name: insert_link
INSERT INTO survey_link (tenant_id, link_hash, survey_id, created_at, secret)
VALUES ($1, $2, $3, $4, $5)

-- name: link_of
SELECT link_hash, secret FROM survey_link WHERE tenant_id = $1 AND survey_id = $2
ORDER BY created_at LIMIT 1

-- What a link stands for, for the page and for submissions.
-- name: behind_link
SELECT l.survey_id, s.mode, s.revision, s.version, g.status, g.opens_at, g.closes_at,
  (SELECT p.settings FROM survey_page p WHERE p.tenant_id = l.tenant_id
    AND p.survey_id = l.survey_id),
  (SELECT o.about FROM survey_logo o WHERE o.tenant_id = l.tenant_id
    AND o.survey_id = l.survey_id)
FROM survey_link l
JOIN survey_survey s ON s.tenant_id = l.tenant_id AND s.id = l.survey_id
JOIN survey_gate g ON g.tenant_id = l.tenant_id AND g.survey_id = l.survey_id
WHERE l.tenant_id = $1 AND l.link_hash = $2 AND g.status <> 3 AND s.version > 0

-- name: page_settings
SELECT settings FROM survey_page WHERE tenant_id = $1 AND survey_id = $2

-- name: put_page_settings
INSERT INTO survey_page (tenant_id, survey_id, settings) VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, survey_id) DO UPDATE SET settings = excluded.settings

-- name: logo_facts
SELECT about FROM survey_logo WHERE tenant_id = $1 AND survey_id = $2

-- name: logo
SELECT picture FROM survey_logo WHERE tenant_id = $1 AND survey_id = $2

-- name: put_logo
INSERT INTO survey_logo (tenant_id, survey_id, about, picture) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, survey_id) DO UPDATE SET about = excluded.about, picture = excluded.picture

-- What a member has stored in all: how many pieces, and their bytes.
-- name: stored_in_all
SELECT count(*), CAST(COALESCE(sum(bytes), 0) AS BIGINT) FROM survey_stored
WHERE tenant_id = $1 AND stored_by = $2

-- name: stored_piece
SELECT stored_by, bytes FROM survey_stored
WHERE tenant_id = $1 AND survey_id = $2 AND kind = $3 AND version = $4

-- name: put_stored
INSERT INTO survey_stored (tenant_id, survey_id, kind, version, stored_by, bytes)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, survey_id, kind, version)
DO UPDATE SET stored_by = excluded.stored_by, bytes = excluded.bytes

-- name: drop_stored_piece
DELETE FROM survey_stored
WHERE tenant_id = $1 AND survey_id = $2 AND kind = $3 AND version = $4

-- What is there until the sweep has been there stays counted: $3, the kind of tables.
-- name: drop_stored_but
DELETE FROM survey_stored WHERE tenant_id = $1 AND survey_id = $2 AND kind <> $3

-- name: drop_stored
DELETE FROM survey_stored WHERE tenant_id = $1 AND survey_id = $2

-- Links to reports. Those of a deleted survey lead nowhere at once.
-- name: insert_report_link
INSERT INTO survey_report_link (tenant_id, survey_id, id, link_hash, created_at, expires_at,
  created_by, settings)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: report_links
SELECT id, created_at, expires_at, created_by, settings FROM survey_report_link
WHERE tenant_id = $1 AND survey_id = $2 ORDER BY id LIMIT $3

-- name: report_link_count
SELECT count(*) FROM survey_report_link WHERE tenant_id = $1 AND survey_id = $2

-- name: behind_report_link
SELECT l.survey_id, l.id, l.expires_at, l.settings
FROM survey_report_link l
JOIN survey_gate g ON g.tenant_id = l.tenant_id AND g.survey_id = l.survey_id
WHERE l.tenant_id = $1 AND l.link_hash = $2 AND g.status <> 3

-- name: drop_report_link
DELETE FROM survey_report_link WHERE tenant_id = $1 AND survey_id = $2 AND id = $3

-- name: drop_expired_report_links
DELETE FROM survey_report_link WHERE tenant_id = $1 AND survey_id = $2 AND expires_at <= $3

-- What a group of submissions is let in by. PostgreSQL: held until the commit, so that two nodes
-- cannot fill one cap.
-- name: gate
-- only: sqlite
SELECT status, opens_at, closes_at, response_cap, accepted FROM survey_gate
WHERE tenant_id = $1 AND survey_id = $2

-- name: gate
-- only: postgres
SELECT status, opens_at, closes_at, response_cap, accepted FROM survey_gate
WHERE tenant_id = $1 AND survey_id = $2 FOR UPDATE

-- name: count_accepted
UPDATE survey_gate SET accepted = accepted + $3 WHERE tenant_id = $1 AND survey_id = $2

-- name: insert_response
INSERT INTO survey_response (tenant_id, survey_id, id, received_at, version, answers, origin, members)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: response_rows
SELECT id, received_at, version, members, answers, origin FROM survey_response
WHERE tenant_id = $1 AND survey_id = $2 AND id > $3 ORDER BY id LIMIT $4

-- The same up to an id.
-- name: response_rows_to
SELECT id, received_at, version, members, answers, origin FROM survey_response
WHERE tenant_id = $1 AND survey_id = $2 AND id > $3 AND id <= $5 ORDER BY id LIMIT $4

-- name: has_rows_to
SELECT id FROM survey_response
WHERE tenant_id = $1 AND survey_id = $2 AND id > $3 AND id <= $4 ORDER BY id LIMIT 1

-- The blocks of a survey, also those being made.
-- name: blocks
SELECT first_id, last_id, token, responses, CAST(CASE WHEN content IS NULL THEN 0 ELSE 1 END
  AS BIGINT)
FROM survey_block WHERE tenant_id = $1 AND survey_id = $2 ORDER BY last_id

-- name: block_content
SELECT content FROM survey_block
WHERE tenant_id = $1 AND survey_id = $2 AND last_id = $3 AND token = $4

-- name: claim_block
INSERT INTO survey_block (tenant_id, survey_id, last_id, token, first_id, responses, content)
VALUES ($1, $2, $3, $4, $5, 0, NULL)

-- Nothing is changed where a row of the range was, since it was claimed.
-- name: fill_block
UPDATE survey_block SET last_id = $5, responses = $6, content = $7
WHERE tenant_id = $1 AND survey_id = $2 AND last_id = $3 AND token = $4 AND content IS NULL

-- name: drop_claims
DELETE FROM survey_block WHERE tenant_id = $1 AND survey_id = $2 AND content IS NULL

-- name: drop_block
DELETE FROM survey_block WHERE tenant_id = $1 AND survey_id = $2 AND last_id = $3 AND token = $4

-- The blocks that hold an id from $3 to $4.
-- name: drop_blocks_of
DELETE FROM survey_block
WHERE tenant_id = $1 AND survey_id = $2 AND last_id >= $3 AND first_id <= $4

-- name: drop_blocks
DELETE FROM survey_block WHERE tenant_id = $1 AND survey_id = $2

-- How many responses of each survey no block covers.
-- name: uncovered
SELECT g.survey_id, s.mode, CAST(g.accepted - g.erased - COALESCE((SELECT sum(b.responses)
  FROM survey_block b WHERE b.tenant_id = g.tenant_id AND b.survey_id = g.survey_id), 0) AS BIGINT)
FROM survey_gate g
JOIN survey_survey s ON s.tenant_id = g.tenant_id AND s.id = g.survey_id
WHERE g.tenant_id = $1 AND g.survey_id > $2 AND g.status <> 3 ORDER BY g.survey_id LIMIT $3

-- The rows of one crowd, a few at most.
-- name: crowd_rows
SELECT id, received_at, version, members, answers, origin FROM survey_response
WHERE tenant_id = $1 AND survey_id = $2 AND id >= $3 AND id <= $4 ORDER BY id

-- name: erase_row
DELETE FROM survey_response WHERE tenant_id = $1 AND survey_id = $2 AND id = $3

-- How many responses the rows of erase_older hold.
-- name: count_older
SELECT CAST(COALESCE(sum(CASE WHEN members IS NULL THEN 1 ELSE length(members) / 20 END), 0)
  AS BIGINT)
FROM (SELECT members FROM survey_response WHERE tenant_id = $1 AND survey_id = $2 AND id < $3
  ORDER BY id LIMIT $4) AS older

-- name: erase_older
DELETE FROM survey_response
WHERE tenant_id = $1 AND survey_id = $2 AND id IN (
  SELECT id FROM survey_response WHERE tenant_id = $1 AND survey_id = $2 AND id < $3
  ORDER BY id LIMIT $4)

-- name: count_erased
UPDATE survey_gate SET erased = erased + $3 WHERE tenant_id = $1 AND survey_id = $2

-- name: with_retention
SELECT s.id, s.retention_days, s.mode FROM survey_survey s
JOIN survey_gate g ON g.tenant_id = s.tenant_id AND g.survey_id = s.id
WHERE s.tenant_id = $1 AND s.id > $2 AND s.retention_days IS NOT NULL AND g.status <> 3
ORDER BY s.id LIMIT $3

-- name: deleted
SELECT survey_id FROM survey_gate WHERE tenant_id = $1 AND status = 3 LIMIT $2

-- name: drop_versions
DELETE FROM survey_version WHERE tenant_id = $1 AND survey_id = $2

-- name: drop_links
DELETE FROM survey_link WHERE tenant_id = $1 AND survey_id = $2

-- name: drop_pages
DELETE FROM survey_page WHERE tenant_id = $1 AND survey_id = $2

-- name: drop_logo
DELETE FROM survey_logo WHERE tenant_id = $1 AND survey_id = $2

-- name: drop_report_links
DELETE FROM survey_report_link WHERE tenant_id = $1 AND survey_id = $2

-- name: drop_survey
DELETE FROM survey_survey WHERE tenant_id = $1 AND id = $2

-- name: drop_gate
DELETE FROM survey_gate WHERE tenant_id = $1 AND survey_id = $2

-- name: idempotency_append
-- only: sqlite
INSERT INTO survey_idempotency (tenant_id, seq, at, key_hash, body_hash, masked_id)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: idempotency_at
-- only: sqlite
SELECT at, key_hash, body_hash, masked_id FROM survey_idempotency WHERE tenant_id = $1 AND seq = $2

-- name: idempotency_scan
-- only: sqlite
SELECT seq, at, key_hash FROM survey_idempotency WHERE tenant_id = $1 AND seq > $2 ORDER BY seq

-- A key that has been forgotten (older than $6) makes room for the new row; one still remembered
-- changes nothing.
-- name: idempotency_claim
-- only: postgres
INSERT INTO survey_idempotency (tenant_id, at, key_hash, body_hash, masked_id)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, key_hash) DO UPDATE
SET at = excluded.at, body_hash = excluded.body_hash, masked_id = excluded.masked_id
WHERE survey_idempotency.at <= $6

-- name: idempotency_find
-- only: postgres
SELECT at, key_hash, body_hash, masked_id FROM survey_idempotency
WHERE tenant_id = $1 AND key_hash = $2

-- Looks at the oldest $3 rows alone, so a slice costs the same however much is stored.
-- name: idempotency_forget
-- only: sqlite
DELETE FROM survey_idempotency
WHERE tenant_id = $1 AND at <= $2 AND seq IN (
  SELECT seq FROM survey_idempotency WHERE tenant_id = $1 ORDER BY seq LIMIT $3)

-- name: idempotency_forget
-- only: postgres
DELETE FROM survey_idempotency
WHERE tenant_id = $1 AND at <= $2 AND key_hash IN (
  SELECT key_hash FROM survey_idempotency WHERE tenant_id = $1 AND at <= $2 ORDER BY at LIMIT $3)

-- What an export of the tenant carries: the key of the row first, then its columns. $1 the tenant, $2
-- the last key (empty at first, which may arrive as NULL), $3 the limit.
-- name: export_surveys
SELECT id, mode, revision, version, retention_days, created_at, updated_at, title, updated_by
FROM survey_survey
WHERE tenant_id = $1 AND id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY id LIMIT $3

-- name: export_gates
SELECT survey_id, status, opens_at, closes_at, response_cap, accepted, erased
FROM survey_gate
WHERE tenant_id = $1 AND survey_id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id LIMIT $3

-- name: export_versions
-- only: sqlite
SELECT CAST(survey_id || printf('%020d', version) AS BLOB), survey_id, version, published_at,
  questionnaire
FROM survey_version
WHERE tenant_id = $1 AND CAST(survey_id || printf('%020d', version) AS BLOB)
  > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id, version LIMIT $3

-- name: export_versions
-- only: postgres
SELECT survey_id || convert_to(lpad(version::text, 20, '0'), 'UTF8'), survey_id, version,
  published_at, questionnaire
FROM survey_version
WHERE tenant_id = $1 AND survey_id || convert_to(lpad(version::text, 20, '0'), 'UTF8')
  > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id, version LIMIT $3

-- In an order that does not depend on the tenant's look-up key (a survey has one link), so that what
-- is imported exports the same bytes again.
-- name: export_links
SELECT CAST(survey_id || link_hash AS {bytes}), survey_id, created_at, secret
FROM survey_link
WHERE tenant_id = $1 AND CAST(survey_id || link_hash AS {bytes})
  > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id, link_hash LIMIT $3

-- name: export_pages
SELECT survey_id, settings FROM survey_page
WHERE tenant_id = $1 AND survey_id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id LIMIT $3

-- name: export_logos
SELECT survey_id, picture FROM survey_logo
WHERE tenant_id = $1 AND survey_id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id LIMIT $3

-- name: export_stored
-- only: sqlite
SELECT CAST(survey_id || kind || printf('%020d', version) AS BLOB), survey_id, kind, version,
  stored_by, bytes
FROM survey_stored
WHERE tenant_id = $1 AND CAST(survey_id || kind || printf('%020d', version) AS BLOB)
  > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id, kind, version LIMIT $3

-- name: export_stored
-- only: postgres
SELECT survey_id || convert_to(kind::text || lpad(version::text, 20, '0'), 'UTF8'), survey_id, kind,
  version, stored_by, bytes
FROM survey_stored
WHERE tenant_id = $1 AND survey_id || convert_to(kind::text || lpad(version::text, 20, '0'), 'UTF8')
  > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY survey_id, kind, version LIMIT $3

-- The surveys an export walks through, one after the other.
-- name: export_survey_after
SELECT id FROM survey_survey
WHERE tenant_id = $1 AND id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY id LIMIT 1

-- Rows that come from an archive, and what takes them away again when the import fails.
-- name: import_survey
INSERT INTO survey_survey (tenant_id, id, mode, revision, version, retention_days, created_at,
  updated_at, title, updated_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: mode_of
SELECT mode FROM survey_survey WHERE tenant_id = $1 AND id = $2

-- name: import_gate
INSERT INTO survey_gate (tenant_id, survey_id, status, opens_at, closes_at, response_cap, accepted,
  erased) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- How many rows of an archive lack a counterpart that every other statement relies on: a survey
-- its gate and versions 1 to the newest (the published one, or a draft after it), everything else
-- its survey and version.
-- name: strays
SELECT
  (SELECT count(*) FROM survey_survey s WHERE s.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_gate g WHERE g.tenant_id = s.tenant_id AND g.survey_id = s.id))
  + (SELECT count(*) FROM survey_gate g WHERE g.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_survey s WHERE s.tenant_id = g.tenant_id AND s.id = g.survey_id))
  + (SELECT count(*) FROM survey_link l WHERE l.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_survey s WHERE s.tenant_id = l.tenant_id AND s.id = l.survey_id))
  + (SELECT count(*) FROM survey_page p WHERE p.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_survey s WHERE s.tenant_id = p.tenant_id AND s.id = p.survey_id))
  + (SELECT count(*) FROM survey_logo o WHERE o.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_survey s WHERE s.tenant_id = o.tenant_id AND s.id = o.survey_id))
  + (SELECT count(*) FROM survey_stored b WHERE b.tenant_id = $1 AND NOT (
    (b.kind = 0 AND EXISTS (SELECT 1 FROM survey_version v WHERE v.tenant_id = b.tenant_id
      AND v.survey_id = b.survey_id AND v.version = b.version))
    OR (b.kind = 1 AND b.version = 1 AND EXISTS (SELECT 1 FROM survey_survey s
      WHERE s.tenant_id = b.tenant_id AND s.id = b.survey_id))
    OR (b.kind = 2 AND b.version = 1 AND EXISTS (SELECT 1 FROM survey_logo o
      WHERE o.tenant_id = b.tenant_id AND o.survey_id = b.survey_id))))
  + (SELECT count(*) FROM survey_version v WHERE v.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_survey s WHERE s.tenant_id = v.tenant_id AND s.id = v.survey_id
      AND v.version <= s.version + 1
      AND (v.published_at IS NOT NULL) = (v.version <= s.version)))
  + (SELECT count(*) FROM survey_survey s WHERE s.tenant_id = $1 AND (
    SELECT CASE WHEN count(*) >= 1 AND count(*) >= s.version AND min(v.version) = 1
      AND max(v.version) = count(*) THEN 0 ELSE 1 END
    FROM survey_version v WHERE v.tenant_id = s.tenant_id AND v.survey_id = s.id) = 1)
  + (SELECT count(*) FROM survey_response r WHERE r.tenant_id = $1 AND NOT EXISTS (
    SELECT 1 FROM survey_survey s WHERE s.tenant_id = r.tenant_id AND s.id = r.survey_id
      AND r.version <= s.version))

-- name: clear_surveys
DELETE FROM survey_survey WHERE tenant_id = $1

-- name: clear_gates
DELETE FROM survey_gate WHERE tenant_id = $1

-- name: clear_versions
DELETE FROM survey_version WHERE tenant_id = $1

-- name: clear_links
DELETE FROM survey_link WHERE tenant_id = $1

-- name: clear_pages
DELETE FROM survey_page WHERE tenant_id = $1

-- name: clear_logos
DELETE FROM survey_logo WHERE tenant_id = $1

-- name: clear_stored
DELETE FROM survey_stored WHERE tenant_id = $1

-- name: clear_responses
-- only: sqlite
DELETE FROM survey_response WHERE tenant_id = $1

-- And the blocks made of them.
-- name: clear_responses
-- only: postgres
WITH blocks AS (DELETE FROM survey_block WHERE tenant_id = $1)
DELETE FROM survey_response WHERE tenant_id = $1
