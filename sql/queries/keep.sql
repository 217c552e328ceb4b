-- What a copy of the data is compared by, and the export requests.

-- name: census
SELECT (SELECT count(*) FROM identity_user WHERE tenant_id = $1),
  (SELECT count(*) FROM identity_setting WHERE tenant_id = $1),
  (SELECT count(*) FROM attest_evidence WHERE tenant_id = $1),
  (SELECT count(*) FROM survey_survey WHERE tenant_id = $1),
  (SELECT count(*) FROM survey_version WHERE tenant_id = $1),
  (SELECT count(*) FROM survey_link WHERE tenant_id = $1),
  (SELECT CAST(COALESCE(sum(CASE WHEN members IS NULL THEN 1 ELSE length(members) / 20 END), 0)
    AS BIGINT) FROM survey_response WHERE tenant_id = $1)

-- name: insert_export
INSERT INTO keep_export (tenant_id, id, requested_at, requested_by) VALUES ($1, $2, $3, $4)

-- name: find_export
SELECT requested_at, requested_by FROM keep_export WHERE tenant_id = $1 AND id = $2

-- name: drop_exports_before
DELETE FROM keep_export WHERE tenant_id = $1 AND requested_at <= $2

-- The archive. Members keep address, role and time; passwords, sessions, tokens and links of
-- members are never exported.
-- name: export_users
SELECT id, role, state, created_at, email_sealed FROM identity_user
WHERE tenant_id = $1 AND id > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY id LIMIT $3

-- name: import_user
INSERT INTO identity_user (tenant_id, id, email_sealed, email_hash, role, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: clear_users
DELETE FROM identity_user WHERE tenant_id = $1

-- name: export_settings
-- only: sqlite
SELECT CAST(name AS BLOB), name, number, text_sealed FROM identity_setting
WHERE tenant_id = $1 AND CAST(name AS BLOB) > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY CAST(name AS BLOB) LIMIT $3

-- name: export_settings
-- only: postgres
SELECT convert_to(name, 'UTF8'), name, number, text_sealed FROM identity_setting
WHERE tenant_id = $1
  AND convert_to(name, 'UTF8') > COALESCE(CAST($2 AS {bytes}), CAST('' AS {bytes}))
ORDER BY convert_to(name, 'UTF8') LIMIT $3

-- name: import_setting
INSERT INTO identity_setting (tenant_id, name, number, text_sealed) VALUES ($1, $2, $3, $4)

-- name: clear_settings
DELETE FROM identity_setting WHERE tenant_id = $1

-- name: export_audit
-- only: sqlite
SELECT CAST(printf('%020d', seq) AS BLOB), seq, id, at, action, actor, object, outcome, detail, hash
FROM audit_entry
WHERE tenant_id = $1 AND seq > COALESCE(CAST(CAST($2 AS TEXT) AS INTEGER), 0)
ORDER BY seq LIMIT $3

-- name: export_audit
-- only: postgres
SELECT convert_to(lpad(seq::text, 20, '0'), 'UTF8'), seq, id, at, action, actor, object, outcome,
  detail, hash
FROM audit_entry
WHERE tenant_id = $1
  AND seq > CAST('0' || convert_from(COALESCE(CAST($2 AS BYTEA), CAST('' AS BYTEA)), 'UTF8')
    AS BIGINT)
ORDER BY seq LIMIT $3
