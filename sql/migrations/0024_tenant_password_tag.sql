-- Passwords that must not come back (docs/decisions/062), kept only under a profile that asks for it.
-- tag: keyed hash of the password's Argon2id hash under a salt of the tenant; equal for equal
-- passwords, and of no use without the tenant's key. is_current: 1 for the one in force, else 0.
CREATE TABLE identity_password_tag (
  tenant_id  {bytes} NOT NULL,
  user_id    {bytes} NOT NULL,
  tag        {bytes} NOT NULL,
  set_at     BIGINT  NOT NULL,
  is_current BIGINT  NOT NULL,
  PRIMARY KEY (tenant_id, user_id, tag)
);
CREATE INDEX identity_password_tag_tag ON identity_password_tag (tenant_id, tag);
{tenant_table identity_password_tag}
