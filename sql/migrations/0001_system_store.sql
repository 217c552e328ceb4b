-- What the store itself must know before any tenant's data can be read.
-- Classes: ids, times, counters and enumerations in clear; `wrapped` is a key under the master key.
-- The slug and the region are chosen by the operator and are public (the slug stands in addresses).

CREATE TABLE tenant (
  tenant_id {bytes} NOT NULL PRIMARY KEY,
  slug TEXT NOT NULL UNIQUE,
  region TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'closed', 'destroyed')),
  created_at BIGINT NOT NULL
);

-- tenant_id is sixteen zero bytes for the keys of the system's own space.
CREATE TABLE wrapped_key (
  tenant_id {bytes} NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('file', 'seal')),
  number BIGINT NOT NULL,
  wrapped {bytes} NOT NULL,
  made_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, kind, number)
);

-- Counters by which processes notice each other's changes ("keys").
CREATE TABLE store_counter (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
