-- The statement: results, keys and versions lie in the system's space, evidence in a tenant's.

-- name: store_result
INSERT INTO attest_result (probe, status, checked_at, next_due, build, evidence_sealed)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (probe) DO UPDATE SET status = excluded.status, checked_at = excluded.checked_at,
  next_due = excluded.next_due, build = excluded.build, evidence_sealed = excluded.evidence_sealed;

-- name: results
SELECT probe, status, checked_at, next_due, build, evidence_sealed FROM attest_result
ORDER BY probe;

-- name: insert_key_once
INSERT INTO attest_key (number, key_id, public_key, created_at, seed_sealed)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (number) DO NOTHING;

-- name: keys
SELECT number, key_id, public_key, created_at, seed_sealed FROM attest_key ORDER BY number;

-- name: insert_version
INSERT INTO attest_version (number, effective_at, digest, document_sealed, changes_sealed)
VALUES ($1, $2, $3, $4, $5);

-- name: versions
SELECT number, effective_at, digest FROM attest_version ORDER BY number;

-- name: version
SELECT number, effective_at, digest, document_sealed, changes_sealed FROM attest_version
WHERE number = $1;

-- name: newest_version
SELECT number, effective_at, digest, document_sealed, changes_sealed FROM attest_version
ORDER BY number DESC LIMIT 1;

-- name: insert_evidence
INSERT INTO attest_evidence
  (tenant_id, id, kind, sha256, issued_at, expires_at, filed_at, issuer_sealed, owner_sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: delete_evidence
DELETE FROM attest_evidence WHERE tenant_id = $1 AND id = $2;

-- name: evidence_after
SELECT id, kind, sha256, issued_at, expires_at, filed_at, issuer_sealed, owner_sealed
FROM attest_evidence WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3;

-- name: count_evidence
SELECT count(*) FROM attest_evidence WHERE tenant_id = $1;

-- What follows reads the rows of scratch organisations beneath their seal, for the probes alone.

-- name: stored_password
SELECT password_sealed FROM identity_user WHERE tenant_id = $1 AND id = $2;

-- What an export of the tenant carries, and what takes it away again when an import fails.
-- name: export_evidence
SELECT id, kind, sha256, issued_at, expires_at, filed_at, issuer_sealed, owner_sealed
FROM attest_evidence
WHERE tenant_id = $1 AND id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY id LIMIT $3

-- name: clear_evidence
DELETE FROM attest_evidence WHERE tenant_id = $1

-- name: stored_session
SELECT secret_hash FROM identity_session WHERE tenant_id = $1 AND id = $2;

-- name: stored_responses
SELECT id, received_at, origin FROM survey_response
WHERE tenant_id = $1 AND survey_id = $2 ORDER BY id LIMIT 10;

-- name: columns
-- only: sqlite
SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY 1, 2;

-- name: columns
-- only: postgres
SELECT table_name::text, column_name::text FROM information_schema.columns
WHERE table_schema = 'probity' ORDER BY 1, 2;

-- name: sealed_values
SELECT CAST('survey_survey.title' AS TEXT), title FROM survey_survey WHERE tenant_id = $1
UNION ALL SELECT 'survey_version.questionnaire', questionnaire FROM survey_version
  WHERE tenant_id = $1
UNION ALL SELECT 'survey_link.secret', secret FROM survey_link WHERE tenant_id = $1
UNION ALL SELECT 'survey_report_link.settings', settings FROM survey_report_link
  WHERE tenant_id = $1
UNION ALL SELECT 'survey_page.settings', settings FROM survey_page WHERE tenant_id = $1
UNION ALL SELECT 'survey_logo.about', about FROM survey_logo WHERE tenant_id = $1
UNION ALL SELECT 'survey_logo.picture', picture FROM survey_logo WHERE tenant_id = $1
UNION ALL SELECT 'survey_response.answers', answers FROM survey_response WHERE tenant_id = $1
UNION ALL SELECT 'survey_response.origin', origin FROM survey_response WHERE tenant_id = $1
UNION ALL SELECT 'survey_block.content', content FROM survey_block WHERE tenant_id = $1
UNION ALL SELECT 'identity_user.email_sealed', email_sealed FROM identity_user
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_user.password_sealed', password_sealed FROM identity_user
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_session.network_sealed', network_sealed FROM identity_session
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_factor.name_sealed', name_sealed FROM identity_factor
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_factor.secret_sealed', secret_sealed FROM identity_factor
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_token.name_sealed', name_sealed FROM identity_token
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_setting.text_sealed', text_sealed FROM identity_setting
  WHERE tenant_id = $1
UNION ALL SELECT 'audit_entry.detail', detail FROM audit_entry WHERE tenant_id = $1
UNION ALL SELECT 'attest_evidence.issuer_sealed', issuer_sealed FROM attest_evidence
  WHERE tenant_id = $1
UNION ALL SELECT 'attest_evidence.owner_sealed', owner_sealed FROM attest_evidence
  WHERE tenant_id = $1;

-- What is looked up by its hash alone.
-- name: hashed_values
SELECT CAST('survey_link.link_hash' AS TEXT), link_hash FROM survey_link WHERE tenant_id = $1
UNION ALL SELECT 'survey_report_link.link_hash', link_hash FROM survey_report_link
  WHERE tenant_id = $1
UNION ALL SELECT 'survey_idempotency.key_hash', key_hash FROM survey_idempotency
  WHERE tenant_id = $1
UNION ALL SELECT 'survey_idempotency.body_hash', body_hash FROM survey_idempotency
  WHERE tenant_id = $1
UNION ALL SELECT 'survey_idempotency.masked_id', masked_id FROM survey_idempotency
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_user.email_hash', email_hash FROM identity_user WHERE tenant_id = $1
UNION ALL SELECT 'identity_attempt.email_hash', email_hash FROM identity_attempt
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_link.token_hash', token_hash FROM identity_link WHERE tenant_id = $1
UNION ALL SELECT 'identity_recovery_code.code_hash', code_hash FROM identity_recovery_code
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_password_tag.tag', tag FROM identity_password_tag
  WHERE tenant_id = $1
UNION ALL SELECT 'identity_token.secret_hash', secret_hash FROM identity_token
  WHERE tenant_id = $1;

-- name: dump
-- only: sqlite
SELECT name, '' FROM sqlite_schema WHERE type = 'table';

-- name: dump
-- only: postgres
-- By number and not by name: the planner may ask for the privilege before it looks at the schema.
SELECT c.relname::text, query_to_xml(format('SELECT * FROM probity.%I', c.relname), true, true, '')
  ::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'probity' AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT');
