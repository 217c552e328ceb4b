-- Statements of the store itself: schema steps, tenants, wrapped keys.

-- name: make_schema_step
CREATE TABLE IF NOT EXISTS schema_step (
  number BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  applied_at BIGINT NOT NULL
);

-- name: has_schema_step
-- only: sqlite
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_step';

-- name: has_schema_step
-- only: postgres
SELECT count(*) FROM pg_catalog.pg_tables
WHERE schemaname = 'probity' AND tablename = 'schema_step';

-- name: schema_steps
SELECT number, name, sha256 FROM schema_step ORDER BY number;

-- name: insert_schema_step
INSERT INTO schema_step (number, name, sha256, applied_at) VALUES ($1, $2, $3, $4);

-- name: insert_tenant
INSERT INTO tenant (tenant_id, slug, region, state, created_at) VALUES ($1, $2, $3, $4, $5);

-- name: tenants
SELECT tenant_id, slug, region, state, created_at FROM tenant ORDER BY tenant_id;

-- name: tenant_by_slug
SELECT tenant_id, slug, region, state, created_at FROM tenant WHERE slug = $1;

-- name: tenant_by_id
SELECT tenant_id, slug, region, state, created_at FROM tenant WHERE tenant_id = $1;

-- name: set_tenant_state
UPDATE tenant SET state = $2 WHERE tenant_id = $1;

-- name: insert_key
INSERT INTO wrapped_key (tenant_id, kind, number, wrapped, made_at) VALUES ($1, $2, $3, $4, $5);

-- name: insert_key_once
INSERT INTO wrapped_key (tenant_id, kind, number, wrapped, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, kind, number) DO NOTHING;

-- name: keys_of
SELECT number, wrapped FROM wrapped_key WHERE tenant_id = $1 AND kind = $2 ORDER BY number;

-- name: all_keys
SELECT tenant_id, kind, number, wrapped FROM wrapped_key ORDER BY tenant_id, kind, number;

-- name: update_key
UPDATE wrapped_key SET wrapped = $5
WHERE tenant_id = $1 AND kind = $2 AND number = $3 AND wrapped = $4;

-- name: delete_keys
DELETE FROM wrapped_key WHERE tenant_id = $1;

-- name: bump_counter
INSERT INTO store_counter (name, value) VALUES ($1, 1)
ON CONFLICT (name) DO UPDATE SET value = store_counter.value + 1;

-- name: counter
SELECT value FROM store_counter WHERE name = $1;

-- name: open_snapshot
-- only: sqlite
SELECT 1 FROM sqlite_schema LIMIT 1;
