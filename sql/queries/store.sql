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

-- name: rename_tenant
UPDATE tenant SET slug = $2 WHERE tenant_id = $1;

-- name: delete_tenant
DELETE FROM tenant WHERE tenant_id = $1;

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

-- name: enter_space
-- only: postgres
-- A group of one space at a time over all nodes, as with one file and one writer: $2 is the lock.
SELECT set_config('probity.tenant', $1, true), pg_advisory_xact_lock($2);

-- name: enter_snapshot
-- only: postgres
SELECT set_config('probity.tenant', $1, true);

-- name: lock_schema
-- only: postgres
SELECT pg_advisory_xact_lock(5786470923811648);

-- name: make_schema
-- only: postgres
CREATE SCHEMA IF NOT EXISTS probity;

-- name: has_schema
-- only: postgres
SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = 'probity';

-- name: may_use_schema
-- only: postgres
SELECT count(*) FROM pg_catalog.pg_namespace
WHERE nspname = 'probity' AND has_schema_privilege(current_user, oid, 'USAGE');

-- name: role_exists
-- only: postgres
SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $1;

-- name: current_role_name
-- only: postgres
SELECT current_user::text;

-- name: owns_schema
-- only: postgres
SELECT count(*) FROM pg_catalog.pg_namespace
WHERE nspname = 'probity' AND pg_has_role(current_user, nspowner, 'MEMBER');

-- name: create_role_text
-- only: postgres
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', $1::text);

-- name: grant_texts
-- only: postgres
-- What the application role may do, as statements with the role's name quoted by the server.
SELECT format('GRANT USAGE ON SCHEMA probity TO %I', $1::text)
UNION ALL
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA probity TO %I', $1::text)
UNION ALL
SELECT format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON probity.schema_step FROM %I', $1::text)
UNION ALL
-- Entries of the audit log are added and read, nothing else.
SELECT format('REVOKE UPDATE, DELETE, TRUNCATE ON probity.%I FROM %I', tablename, $1::text)
FROM pg_catalog.pg_tables WHERE schemaname = 'probity' AND tablename = 'audit_entry'
UNION ALL
SELECT format('REVOKE ALL ON SCHEMA probity FROM PUBLIC');

-- name: join_role_text
-- only: postgres
SELECT format('GRANT %I TO CURRENT_USER', $1::text);

-- name: role_powers
-- only: postgres
-- What the connected role could do beyond its own tenant's rows; every count must be 0.
SELECT
  (SELECT count(*) FROM pg_catalog.pg_roles r
   WHERE (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolreplication)
     AND pg_has_role(current_user, r.oid, 'MEMBER')),
  (SELECT count(*) FROM pg_catalog.pg_namespace n
   WHERE n.nspname = 'probity' AND pg_has_role(current_user, n.nspowner, 'MEMBER')),
  (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = 'probity' AND pg_has_role(current_user, c.relowner, 'MEMBER')),
  (SELECT count(*) FROM pg_catalog.pg_roles r
   WHERE r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
     AND pg_has_role(current_user, r.oid, 'MEMBER'));

-- name: row_walls
-- only: postgres
-- Every table whose rows belong to tenants: name, what is wrong with the wall between them (empty when
-- nothing is) and what the schema's owner runs against it. `tenant` and `wrapped_key` are the store's
-- own lists. A policy is compared with the one the migrations make; one more that only takes rows
-- away does no harm.
WITH wall AS (
  SELECT c.oid, c.relname::text AS name, c.relrowsecurity, c.relforcerowsecurity,
    '(tenant_id = decode(current_setting(''probity.tenant''::text, true), ''hex''::text))' AS rule
  FROM pg_catalog.pg_class c
  WHERE c.relnamespace = to_regnamespace('probity')::oid AND c.relkind IN ('r', 'p')
    AND c.relname NOT IN ('tenant', 'wrapped_key')
    AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped))
SELECT name, '', '' FROM wall
UNION ALL
SELECT name, 'row-level security is switched off',
  format('ALTER TABLE probity.%I ENABLE ROW LEVEL SECURITY', name)
FROM wall WHERE NOT relrowsecurity
UNION ALL
SELECT name, 'row-level security does not bind its owner',
  format('ALTER TABLE probity.%I FORCE ROW LEVEL SECURITY', name)
FROM wall WHERE NOT relforcerowsecurity
UNION ALL
SELECT w.name, format('the policy %s lets further rows through', p.polname),
  format('DROP POLICY %I ON probity.%I', p.polname, w.name)
FROM wall w JOIN pg_catalog.pg_policy p ON p.polrelid = w.oid
WHERE p.polpermissive AND NOT (p.polname::text = w.name || '_tenant'
  AND p.polcmd = '*' AND p.polroles = ARRAY[0]::oid[]
  AND pg_get_expr(p.polqual, p.polrelid) = w.rule
  AND pg_get_expr(p.polwithcheck, p.polrelid) = w.rule)
UNION ALL
SELECT c.relname::text, 'it shows rows without their wall',
  format('DROP %s probity.%I', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
    c.relname)
FROM pg_catalog.pg_class c
WHERE c.relnamespace = to_regnamespace('probity')::oid AND c.relkind IN ('v', 'm')
ORDER BY 1, 2;

-- name: server_settings
-- only: postgres
SELECT current_setting('fsync'), current_setting('synchronous_commit'),
  current_setting('full_page_writes');

-- name: schema_tables
-- only: postgres
-- The tables of the schema, or with $1 = 'scratch' the temporary ones of this session: name, whether
-- its rows are those of tenants, and the statements that copy rows out and in and that let the owner
-- past row-level security and hold it again. Rows go out in the order of their keys, byte by byte,
-- which is the same on every server and tells nothing about when they came.
SELECT t.name, t.is_of_tenants,
  format('COPY (SELECT * FROM %I%s ORDER BY %s) TO STDOUT (FORMAT binary)', t.name,
    CASE WHEN t.is_of_tenants = 1
      THEN ' WHERE tenant_id = decode(current_setting(''probity.tenant''), ''hex'')' ELSE '' END,
    t.key),
  format('COPY %I FROM STDIN (FORMAT binary)', t.name),
  format('ALTER TABLE %I NO FORCE ROW LEVEL SECURITY', t.name),
  format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t.name)
FROM (
  SELECT c.relname::text AS name,
    CASE WHEN c.relrowsecurity AND c.relforcerowsecurity THEN 1 ELSE 0 END AS is_of_tenants,
    COALESCE((
      SELECT string_agg(format('%I%s', a.attname,
        CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END), ', ' ORDER BY k.place)
      FROM pg_catalog.pg_index i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
      WHERE i.indrelid = c.oid AND i.indisprimary), 'ctid') AS key
  FROM pg_catalog.pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = CASE WHEN $1::text = 'scratch'
    THEN pg_my_temp_schema() ELSE to_regnamespace('probity')::oid END) AS t
ORDER BY t.name;

-- name: may_make_scratch
-- only: postgres
SELECT CASE WHEN has_database_privilege(current_database(), 'TEMPORARY') THEN 1 ELSE 0 END,
  format('grant temporary on database %I to %I', current_database(), current_user);

-- name: log_place
SELECT epoch, position FROM commit_log_place WHERE tenant_id = $1;

-- name: begin_log_place
INSERT INTO commit_log_place (tenant_id, epoch, position) VALUES ($1, $2, 0);

-- name: move_log_place
UPDATE commit_log_place SET position = $2 WHERE tenant_id = $1;
