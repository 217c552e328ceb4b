-- Statements of the identity room.

-- Members.

-- name: insert_user
INSERT INTO identity_user (tenant_id, id, email_sealed, email_hash, role, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: user_by_email
SELECT id, role, state, password_sealed, password_changed_at, email_sealed
FROM identity_user WHERE tenant_id = $1 AND email_hash = $2

-- name: user_by_id
SELECT id, role, state, password_sealed, password_changed_at, email_sealed, email_hash
FROM identity_user WHERE tenant_id = $1 AND id = $2

-- name: user_record
SELECT id, role, state, email_sealed, created_at, last_login_at
FROM identity_user WHERE tenant_id = $1 AND id = $2

-- name: list_users
SELECT id, role, state, email_sealed, created_at, last_login_at
FROM identity_user WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: count_active_owners
SELECT COUNT(*) FROM identity_user
WHERE tenant_id = $1 AND role = 'owner' AND state = 'active' AND id <> $2

-- name: lock_user
-- only: postgres
SELECT state, role FROM identity_user WHERE tenant_id = $1 AND id = $2 FOR UPDATE

-- name: lock_user
-- only: sqlite
SELECT state, role FROM identity_user WHERE tenant_id = $1 AND id = $2

-- name: lock_owners
-- only: postgres
SELECT id FROM identity_user WHERE tenant_id = $1 AND role = 'owner' ORDER BY id FOR UPDATE

-- name: lock_owners
-- only: sqlite
SELECT id FROM identity_user WHERE tenant_id = $1 AND role = 'owner' ORDER BY id

-- name: set_role_and_state
UPDATE identity_user SET role = $3, state = $4, changed_at = $5 WHERE tenant_id = $1 AND id = $2

-- name: user_standing
SELECT role, state, created_at, password_changed_at, changed_at
FROM identity_user WHERE tenant_id = $1 AND id = $2

-- name: set_password
UPDATE identity_user SET password_sealed = $3, password_changed_at = $4, state = $5
WHERE tenant_id = $1 AND id = $2

-- name: set_last_login
UPDATE identity_user SET last_login_at = $3 WHERE tenant_id = $1 AND id = $2

-- name: delete_user
DELETE FROM identity_user WHERE tenant_id = $1 AND id = $2

-- Failed log-ins.

-- name: attempts
SELECT failures, failed_at FROM identity_attempt WHERE tenant_id = $1 AND email_hash = $2

-- name: note_failure
INSERT INTO identity_attempt (tenant_id, email_hash, failures, failed_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (tenant_id, email_hash)
DO UPDATE SET failures = identity_attempt.failures + 1, failed_at = excluded.failed_at

-- name: know_network
INSERT INTO identity_attempt (tenant_id, email_hash, failures, failed_at) VALUES ($1, $2, 0, $3)
ON CONFLICT (tenant_id, email_hash) DO UPDATE SET failed_at = excluded.failed_at

-- name: clear_failures
DELETE FROM identity_attempt WHERE tenant_id = $1 AND email_hash = $2

-- name: sweep_attempts_of_nobody
DELETE FROM identity_attempt WHERE tenant_id = $1 AND failed_at < $2
AND email_hash NOT IN (SELECT email_hash FROM identity_user WHERE tenant_id = $1)

-- Links.

-- name: insert_link
INSERT INTO identity_link (tenant_id, id, token_hash, user_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: link_by_token
SELECT id, user_id, expires_at, ended_at
FROM identity_link WHERE tenant_id = $1 AND token_hash = $2

-- name: end_link
UPDATE identity_link SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL

-- name: end_links_of_user
UPDATE identity_link SET ended_at = $3
WHERE tenant_id = $1 AND user_id = $2 AND ended_at IS NULL

-- name: delete_links_of_user
DELETE FROM identity_link WHERE tenant_id = $1 AND user_id = $2

-- name: sweep_links
DELETE FROM identity_link WHERE tenant_id = $1 AND expires_at < $2

-- Sessions.

-- name: insert_session
INSERT INTO identity_session
  (tenant_id, id, user_id, secret_hash, created_at, last_active_at, network_sealed)
VALUES ($1, $2, $3, $4, $5, $5, $6)

-- name: session_by_id
SELECT s.user_id, s.secret_hash, s.created_at, s.last_active_at, u.role, u.state,
       (SELECT number FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'session_idle_s'),
       (SELECT number FROM identity_setting c
        WHERE c.tenant_id = $1 AND c.name = 'second_factor_roles'),
       (SELECT COUNT(*) FROM identity_factor f WHERE f.tenant_id = $1 AND f.user_id = s.user_id),
       (SELECT number FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'password_profile'),
       u.password_changed_at,
       (SELECT text_sealed FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'network_allow'),
       (SELECT text_sealed FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'network_deny')
FROM identity_session s
JOIN identity_user u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
WHERE s.tenant_id = $1 AND s.id = $2

-- name: sessions_of_user
SELECT id, created_at, last_active_at, network_sealed
FROM identity_session WHERE tenant_id = $1 AND user_id = $2 ORDER BY id DESC LIMIT $3

-- name: touch_session
UPDATE identity_session SET last_active_at = $3
WHERE tenant_id = $1 AND id = $2 AND last_active_at < $3

-- name: delete_session
DELETE FROM identity_session WHERE tenant_id = $1 AND id = $2

-- name: delete_session_of_user
DELETE FROM identity_session WHERE tenant_id = $1 AND id = $2 AND user_id = $3

-- name: delete_sessions_of_user
DELETE FROM identity_session WHERE tenant_id = $1 AND user_id = $2

-- name: delete_other_sessions_of_user
DELETE FROM identity_session WHERE tenant_id = $1 AND user_id = $2 AND id <> $3

-- name: delete_sessions_beyond
DELETE FROM identity_session WHERE tenant_id = $1 AND id IN (
  SELECT id FROM identity_session WHERE tenant_id = $1 AND user_id = $2
  ORDER BY id DESC LIMIT 1000 OFFSET $3)

-- name: delete_sessions_idle_since
DELETE FROM identity_session WHERE tenant_id = $1 AND last_active_at <= $2

-- name: sweep_sessions
DELETE FROM identity_session WHERE tenant_id = $1 AND created_at < $2

-- Passwords used before.

-- name: lock_settings
UPDATE identity_setting SET number = number WHERE tenant_id = $1 AND name = 'version'

-- name: passwords_alike
SELECT COUNT(*) FROM identity_password_tag
WHERE tenant_id = $1 AND tag = $2 AND (user_id = $3 OR ($4 = 1 AND is_current = 1))

-- name: retire_password_tags
UPDATE identity_password_tag SET is_current = 0 WHERE tenant_id = $1 AND user_id = $2

-- name: insert_password_tag
INSERT INTO identity_password_tag (tenant_id, user_id, tag, set_at, is_current)
VALUES ($1, $2, $3, $4, 1)

-- name: delete_password_tags_beyond
DELETE FROM identity_password_tag WHERE tenant_id = $1 AND user_id = $2 AND tag NOT IN (
  SELECT tag FROM identity_password_tag WHERE tenant_id = $1 AND user_id = $2
  ORDER BY set_at DESC LIMIT $3)

-- name: delete_password_tags
DELETE FROM identity_password_tag WHERE tenant_id = $1 AND user_id = $2

-- Second factors.

-- name: insert_factor
INSERT INTO identity_factor
  (tenant_id, id, user_id, kind, name_sealed, secret_sealed, counter, created_at, sign_count)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: factors_of_user
SELECT id, kind, name_sealed, created_at, used_at, secret_sealed, counter, sign_count
FROM identity_factor WHERE tenant_id = $1 AND user_id = $2 ORDER BY id

-- name: count_factors
SELECT COUNT(*) FROM identity_factor WHERE tenant_id = $1 AND user_id = $2

-- name: use_factor
UPDATE identity_factor SET counter = $4, used_at = $5, sign_count = $6
WHERE tenant_id = $1 AND user_id = $2 AND id = $3 AND counter < $4
AND (sign_count < $6 OR (sign_count = 0 AND $6 = 0))

-- name: delete_factor
DELETE FROM identity_factor WHERE tenant_id = $1 AND user_id = $2 AND id = $3

-- name: delete_factors_of_user
DELETE FROM identity_factor WHERE tenant_id = $1 AND user_id = $2

-- name: insert_recovery_code
INSERT INTO identity_recovery_code (tenant_id, user_id, code_hash) VALUES ($1, $2, $3)

-- name: count_recovery_codes
SELECT COUNT(*) FROM identity_recovery_code WHERE tenant_id = $1 AND user_id = $2

-- name: has_recovery_code
SELECT COUNT(*) FROM identity_recovery_code
WHERE tenant_id = $1 AND user_id = $2 AND code_hash = $3

-- name: use_recovery_code
DELETE FROM identity_recovery_code WHERE tenant_id = $1 AND user_id = $2 AND code_hash = $3

-- name: delete_recovery_codes
DELETE FROM identity_recovery_code WHERE tenant_id = $1 AND user_id = $2

-- API tokens.

-- name: insert_token
INSERT INTO identity_token
  (tenant_id, id, user_id, secret_hash, name_sealed, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: token_by_id
SELECT t.user_id, t.secret_hash, t.scopes, t.expires_at, t.used_day, u.role, u.state, t.created_at,
       (SELECT number FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'password_profile'),
       (SELECT text_sealed FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'network_allow'),
       (SELECT text_sealed FROM identity_setting c WHERE c.tenant_id = $1 AND c.name = 'network_deny')
FROM identity_token t
JOIN identity_user u ON u.tenant_id = t.tenant_id AND u.id = t.user_id
WHERE t.tenant_id = $1 AND t.id = $2

-- name: list_tokens
SELECT id, user_id, name_sealed, scopes, created_at, expires_at, used_day
FROM identity_token WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3

-- name: touch_token
UPDATE identity_token SET used_day = $3
WHERE tenant_id = $1 AND id = $2 AND (used_day IS NULL OR used_day < $3)

-- name: delete_token
DELETE FROM identity_token WHERE tenant_id = $1 AND id = $2

-- name: delete_tokens_of_user
DELETE FROM identity_token WHERE tenant_id = $1 AND user_id = $2

-- Settings.

-- name: list_settings
SELECT name, number, text_sealed FROM identity_setting WHERE tenant_id = $1 ORDER BY name

-- name: setting_number
SELECT number FROM identity_setting WHERE tenant_id = $1 AND name = $2

-- name: begin_settings
INSERT INTO identity_setting (tenant_id, name, number) VALUES ($1, 'version', 1)
ON CONFLICT (tenant_id, name) DO NOTHING

-- name: move_settings_version
UPDATE identity_setting SET number = $3
WHERE tenant_id = $1 AND name = 'version' AND number = $2

-- name: put_setting
INSERT INTO identity_setting (tenant_id, name, number, text_sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, name)
DO UPDATE SET number = excluded.number, text_sealed = excluded.text_sealed
