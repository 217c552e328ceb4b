-- Statements of the approval room.

-- name: insert_request
INSERT INTO approval_request
  (tenant_id, id, action, object, number, asked_by, asked_at, expires_at, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)

-- name: find_request
SELECT id, action, object, number, asked_by, asked_at, expires_at, state, decided_by, decided_at
FROM approval_request WHERE tenant_id = $1 AND id = $2

-- Newest first.
-- name: list_requests
SELECT id, action, object, number, asked_by, asked_at, expires_at, state, decided_by, decided_at
FROM approval_request WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3

-- name: list_open_requests
SELECT id, action, object, number, asked_by, asked_at, expires_at, state, decided_by, decided_at
FROM approval_request
WHERE tenant_id = $1 AND id < $2 AND state = 0 AND expires_at > $4 ORDER BY id DESC LIMIT $3

-- name: open_request_for
SELECT id, action, object, number, asked_by, asked_at, expires_at, state, decided_by, decided_at
FROM approval_request
WHERE tenant_id = $1 AND action = $2 AND object = $3 AND state = 0 AND expires_at > $4

-- Open ones in all, open ones of a member, and all the member asked for since a moment.
-- name: count_requests
SELECT
  (SELECT COUNT(*) FROM approval_request WHERE tenant_id = $1 AND state = 0 AND expires_at > $2),
  (SELECT COUNT(*) FROM approval_request
    WHERE tenant_id = $1 AND state = 0 AND expires_at > $2 AND asked_by = $3),
  (SELECT COUNT(*) FROM approval_request
    WHERE tenant_id = $1 AND asked_by = $3 AND asked_at > $4)

-- name: was_approved
SELECT 1 FROM approval_request
WHERE tenant_id = $1 AND action = $2 AND object = $3 AND state = 1

-- name: decide_request
UPDATE approval_request SET state = $3, decided_by = $4, decided_at = $5
WHERE tenant_id = $1 AND id = $2 AND state = 0 AND expires_at > $5

-- name: forget_requests
DELETE FROM approval_request WHERE tenant_id = $1 AND expires_at <= $2
