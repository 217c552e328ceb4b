-- What the statement is made from. Classes: names, statuses, times, numbers, digests and public keys
-- in clear; evidence, documents and the signing key's seed sealed.

CREATE TABLE attest_result (
  probe TEXT NOT NULL PRIMARY KEY,
  status TEXT NOT NULL,
  checked_at BIGINT NOT NULL,
  next_due BIGINT NOT NULL,
  build TEXT NOT NULL,
  evidence_sealed {bytes} NOT NULL
);

CREATE TABLE attest_key (
  number BIGINT NOT NULL PRIMARY KEY,
  key_id TEXT NOT NULL,
  public_key {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  seed_sealed {bytes} NOT NULL
);

-- digest: SHA-256 of the signed document, by which the next version names this one.
CREATE TABLE attest_version (
  number BIGINT NOT NULL PRIMARY KEY,
  effective_at BIGINT NOT NULL,
  digest {bytes} NOT NULL,
  document_sealed {bytes} NOT NULL,
  changes_sealed {bytes} NOT NULL
);
