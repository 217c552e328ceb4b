-- Statements of the audit room. The casts keep a reader safe from values of a foreign type, which
-- SQLite would store: a tampered row must be named, not stop the program.

-- name: lock_head
-- only: postgres
SELECT seq, hash FROM audit_head WHERE tenant_id = $1 FOR UPDATE

-- name: lock_head
-- only: sqlite
SELECT CAST(seq AS BIGINT), CAST(hash AS {bytes}) FROM audit_head WHERE tenant_id = $1

-- name: read_head
SELECT CAST(seq AS BIGINT), CAST(hash AS {bytes}) FROM audit_head WHERE tenant_id = $1

-- name: begin_head
INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, 0, $2)
ON CONFLICT (tenant_id) DO NOTHING

-- name: move_head
UPDATE audit_head SET seq = $2, hash = $3 WHERE tenant_id = $1

-- name: insert_entry
INSERT INTO audit_entry (tenant_id, seq, id, at, action, actor, object, outcome, detail, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: list_entries
SELECT CAST(seq AS BIGINT), CAST(id AS {bytes}), CAST(at AS BIGINT), CAST(action AS TEXT),
       CAST(actor AS TEXT), CAST(object AS TEXT), CAST(outcome AS TEXT),
       CAST(detail AS {bytes}), CAST(hash AS {bytes})
FROM audit_entry WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
