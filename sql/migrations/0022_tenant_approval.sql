-- What a member asked for and a second one has to approve (docs/for-administrators.md). Classes: ids, times,
-- counters and enumerations, all in clear; nothing a person typed.
-- object: ids of what it is about ("sur_…", "sur_…/res_…", "job_…"), empty for the tenant itself.
-- number: what the action needs besides, such as days. state: 0 open, 1 approved, 2 refused,
-- 3 withdrawn; one that is open past expires_at has expired.
CREATE TABLE approval_request (
  tenant_id {bytes} NOT NULL,
  id {bytes} NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  number BIGINT,
  asked_by {bytes} NOT NULL,
  asked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  state BIGINT NOT NULL,
  decided_by {bytes},
  decided_at BIGINT,
  PRIMARY KEY (tenant_id, id)
);
{tenant_table approval_request}

-- When somebody last changed a member's role or shut it out or let it in again; null for never.
ALTER TABLE identity_user ADD COLUMN changed_at BIGINT;
