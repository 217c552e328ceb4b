// Every page of the console: its address below /console, who may see it, its file.
import type { Component } from 'svelte';

import type { Permission } from '$lib/api/session.svelte';

/** What a page is given: the named values of its address. */
export interface PageProps {
  values: Record<string, string>;
}

export interface PageEntry {
  readonly pattern: string;
  readonly needs: Permission | null;
  readonly load: () => Promise<{
    default: Component<PageProps> | Component<Record<string, never>>;
  }>;
}

export const pages: readonly PageEntry[] = [
  { pattern: '/surveys', needs: 'surveys.read', load: () => import('./surveys/list.svelte') },
  {
    pattern: '/surveys/import',
    needs: 'surveys.edit',
    load: () => import('./surveys/import/import.svelte'),
  },
  {
    pattern: '/surveys/:id',
    needs: 'surveys.read',
    load: () => import('./surveys/survey.svelte'),
  },
  {
    pattern: '/surveys/:id/:tab',
    needs: 'surveys.read',
    load: () => import('./surveys/survey.svelte'),
  },
  { pattern: '/members', needs: 'users.read', load: () => import('./members/members.svelte') },
  { pattern: '/account', needs: null, load: () => import('./account/account.svelte') },
  { pattern: '/tokens', needs: 'tokens.manage', load: () => import('./tokens/tokens.svelte') },
  {
    pattern: '/approvals',
    needs: 'surveys.read',
    load: () => import('./approvals/approvals.svelte'),
  },
  {
    pattern: '/settings',
    needs: 'settings.read',
    load: () => import('./settings/settings.svelte'),
  },
  { pattern: '/export', needs: 'tenant.export', load: () => import('./export/export.svelte') },
  { pattern: '/statement', needs: null, load: () => import('./statement/statement.svelte') },
  {
    pattern: '/evidence',
    needs: 'evidence.read',
    load: () => import('./evidence/evidence.svelte'),
  },
  { pattern: '/privacy', needs: 'privacy.read', load: () => import('./privacy/privacy.svelte') },
  { pattern: '/audit', needs: 'audit.read', load: () => import('./audit/audit.svelte') },
];
