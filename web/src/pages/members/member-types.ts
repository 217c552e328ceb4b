import type { Routes } from '$lib/api/routes';
import { text } from '$lib/text/text';

export type Member = Routes['GET /api/v1/users']['answer']['items'][number];
export type Role = Member['role'];

const roles: readonly Role[] = ['editor', 'analyst', 'auditor', 'owner', 'none'];
export const roleOptions = roles.map(
  (role) => [role, text.roles[role], text.roleHints[role]] as const,
);
