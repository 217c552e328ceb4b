-- Second factors of members (docs/decisions/060). Sealed: the secret of an authenticator app, the name a member
-- gave it, a passkey's public key and id. Hash: recovery codes (128 random bits each). Clear: ids,
-- times, enumerations, counters.
-- kind: 0 authenticator app (RFC 6238), 1 passkey or security key (W3C Web Authentication). counter
-- only rises, so that nothing is taken twice: the step of the last code; the moment of the last
-- challenge answered, in microseconds. sign_count: what a passkey counts itself, 0 if it does not.
CREATE TABLE identity_factor (
  tenant_id     {bytes} NOT NULL,
  id            {bytes} NOT NULL,
  user_id       {bytes} NOT NULL,
  kind          BIGINT  NOT NULL,
  name_sealed   {bytes} NOT NULL,
  secret_sealed {bytes} NOT NULL,
  counter       BIGINT  NOT NULL,
  sign_count    BIGINT  NOT NULL,
  created_at    BIGINT  NOT NULL,
  used_at       BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX identity_factor_user ON identity_factor (tenant_id, user_id, id);
{tenant_table identity_factor}

CREATE TABLE identity_recovery_code (
  tenant_id {bytes} NOT NULL,
  user_id   {bytes} NOT NULL,
  code_hash {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, user_id, code_hash)
);
{tenant_table identity_recovery_code}
