-- Members of a tenant and how they come in. Sealed: what a person typed (address of e-mail, names),
-- the password hash, the network a session came from. Keyed hash: what must be found or compared.
-- Clear: ids, times, counters, enumerations.
CREATE TABLE identity_user (
  tenant_id           {bytes} NOT NULL,
  id                  {bytes} NOT NULL,
  email_sealed        {bytes} NOT NULL,
  email_hash          {bytes} NOT NULL,
  password_sealed     {bytes},
  role                TEXT    NOT NULL,
  state               TEXT    NOT NULL,
  created_at          BIGINT  NOT NULL,
  password_changed_at BIGINT,
  last_login_at       BIGINT,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email_hash)
);
{tenant_table identity_user}

-- Consecutive failed log-ins by account name, known or not: both are counted alike, so that the
-- counters tell nobody which accounts exist.
CREATE TABLE identity_attempt (
  tenant_id  {bytes} NOT NULL,
  email_hash {bytes} NOT NULL,
  failures   BIGINT  NOT NULL,
  failed_at  BIGINT  NOT NULL,
  PRIMARY KEY (tenant_id, email_hash)
);
{tenant_table identity_attempt}

CREATE TABLE identity_link (
  tenant_id  {bytes} NOT NULL,
  id         {bytes} NOT NULL,
  token_hash {bytes} NOT NULL,
  user_id    {bytes} NOT NULL,
  created_at BIGINT  NOT NULL,
  expires_at BIGINT  NOT NULL,
  ended_at   BIGINT,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, token_hash)
);
{tenant_table identity_link}

CREATE TABLE identity_session (
  tenant_id      {bytes} NOT NULL,
  id             {bytes} NOT NULL,
  user_id        {bytes} NOT NULL,
  secret_hash    {bytes} NOT NULL,
  created_at     BIGINT  NOT NULL,
  last_active_at BIGINT  NOT NULL,
  network_sealed {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX identity_session_user ON identity_session (tenant_id, user_id, id);
{tenant_table identity_session}

CREATE TABLE identity_token (
  tenant_id   {bytes} NOT NULL,
  id          {bytes} NOT NULL,
  user_id     {bytes} NOT NULL,
  secret_hash {bytes} NOT NULL,
  name_sealed {bytes} NOT NULL,
  scopes      TEXT    NOT NULL,
  created_at  BIGINT  NOT NULL,
  expires_at  BIGINT,
  used_day    BIGINT,
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX identity_token_user ON identity_token (tenant_id, user_id, id);
{tenant_table identity_token}

-- One row a setting: a number, or a sealed text.
CREATE TABLE identity_setting (
  tenant_id   {bytes} NOT NULL,
  name        TEXT    NOT NULL,
  number      BIGINT,
  text_sealed {bytes},
  PRIMARY KEY (tenant_id, name)
);
{tenant_table identity_setting}
