-- Evidence filed by the organisation that runs the installation: a hash and who vouches, never the
-- file. Sealed: what a person typed (issuer, owner). Clear: kinds of the catalogue, digests, times.

CREATE TABLE attest_evidence (
  tenant_id {bytes} NOT NULL,
  id {bytes} NOT NULL,
  kind TEXT NOT NULL,
  sha256 {bytes} NOT NULL,
  issued_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  filed_at BIGINT NOT NULL,
  issuer_sealed {bytes} NOT NULL,
  owner_sealed {bytes} NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
{tenant_table attest_evidence}
