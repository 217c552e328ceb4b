import type { Routes } from '$lib/api/routes';

export interface StoredSettings {
  readonly values: Routes['GET /api/v1/tenant/settings']['answer'];
  /** The version that was read; saving fails when somebody else saved since. */
  readonly etag: string;
}
