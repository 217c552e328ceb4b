// How the sweep calls each route: what fills its path, what it sends, what it may answer.
import type { Ask, Member } from '../support/probity.ts';
import { goodPassword, sampleQuestionnaire } from '../support/probity.ts';
import type { Side } from './world.ts';

/** What one call of a route needs. */
export interface Filling {
  /** Values of the `{names}` in the path. */
  values?: Record<string, string>;
  query?: string;
  ask?: Ask;
}

export interface Entry {
  /** Makes fresh things of `side` where the call changes or ends them. `by` is who will call. */
  fill?: (side: Side, by: Member | undefined) => Promise<Filling> | Filling;
  /** Statuses of a caller who may; default: what the document says. */
  allowed?: readonly number[];
  /** Statuses of another tenant's owner; default: 404 where the path names an object that is
   *  not common to all. */
  foreign?: readonly number[];
  /** The call ends its own session, so it gets one of its own. */
  endsSession?: boolean;
  /** Open to everyone, but tells a member of its own organisation. */
  tellsOwn?: boolean;
  /** The call ends every session of the caller, who logs in again afterwards. */
  endsSessions?: boolean;
  /** Never ends by itself. */
  streams?: boolean;
}

const json = (body: unknown): Ask => ({ body });
const form = (fields: Record<string, string>): Ask => ({
  body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
});

/** Passkeys are for servers that have a name. */
const byName: Ask = { headers: { host: 'localhost' } };
const signedByNobody = { id: 'AAAA', response: {
  clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA', userHandle: 'AAAA',
} };

/** Has refusals of pages told as JSON. */
const asJson = { accept: 'application/json' };

const draft = async (side: Side): Promise<Record<string, string>> => {
  const made = await side.owner.must(201, 'POST', '/api/v1/surveys', side.questionnaire);
  return { id: made.json.id };
};
const published = async (side: Side) => {
  const { id } = await side.owner.survey(side.questionnaire);
  return { id };
};
const exported = async (side: Side) => {
  const { id } = (await side.owner.must(202, 'POST', '/api/v1/export')).json.job;
  return { id };
};
const ofSurvey = (side: Side): Filling => ({ values: { id: side.survey.id } });
const ofText = (side: Side): Filling => ({
  values: { id: side.survey.id }, query: 'question=words',
});
const ofLink = (side: Side): Filling => ({ values: { token: side.survey.token } });
const reportLink = async (side: Side) => side.owner.must(
  201, 'POST', `/api/v1/surveys/${side.survey.id}/report/links`, { expires_in_hours: 1 },
);
const ofApproval = (side: Side): Filling => ({ values: { id: side.approvalId } });
const untouched: Entry = {};

let serial = 0;
const another = (word: string): string => `${word}-${++serial}`;

const csv = 'Colour,Count\nred,1\nblue,2\n';
const evidence = {
  kind: 'ddos_protection', issuer: 'An issuer', owner: 'An owner', sha256: '0'.repeat(64),
  issued: '2026-01-01', expires: '2036-01-01',
};

/** One black pixel. */
const smallLogo: Ask = {
  body: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe'
      + '/AAAAABJRU5ErkJggg==', 'base64'),
  headers: { 'content-type': 'image/png' },
};

/** Keys are as in the document; a route without an entry fails the sweep. */
export const table: Record<string, Entry> = {
  'GET /': { allowed: [200, 303], tellsOwn: true },
  'GET /.well-known/security.txt': untouched,
  'GET /.well-known/probity-statement.json': { allowed: [200, 503] },
  'GET /.well-known/probity-keys.json': { allowed: [200, 503] },
  'GET /security': { allowed: [200, 503] },
  'GET /security/versions': { allowed: [200, 503] },
  'GET /security/versions/{n}': { fill: () => ({ values: { n: '1' } }), allowed: [200, 404, 503] },
  'GET /api/openapi.json': untouched,
  'GET /assets/probity.css': untouched,
  'GET /assets/login.js': untouched,
  'GET /assets/passkeys.js': untouched,
  'GET /assets/report.css': untouched,
  'GET /assets/respondent.css': untouched,
  'GET /assets/pages/{name}': { fill: () => ({ values: { name: 'none.css' } }), allowed: [404] },
  'GET /console': untouched,
  'GET /console/assets/{file}': {
    fill: () => ({ values: { file: 'none.js' } }), allowed: [404],
  },
  'GET /console/{page}': { fill: () => ({ values: { page: 'surveys' } }) },
  'GET /console/{page}/{object}': {
    fill: (side) => ({ values: { page: 'surveys', object: side.survey.id } }), foreign: [200],
  },
  'GET /console/{page}/{object}/{view}': {
    fill: (side) => ({ values: { page: 'surveys', object: side.survey.id, view: 'report' } }),
    foreign: [200],
  },
  'GET /console/{page}/{object}/{view}/{part}': {
    fill: (side) => ({
      values: { page: 'surveys', object: side.survey.id, view: 'report', part: 'one' },
    }),
    foreign: [200],
  },
  'POST /policy-report': {
    fill: () => ({
      ask: {
        body: JSON.stringify({ 'csp-report': { 'effective-directive': 'script-src-elem' } }),
        headers: { 'content-type': 'application/csp-report' },
      },
    }),
    allowed: [204],
  },
  'GET /healthz': untouched,
  'GET /readyz': untouched,
  'GET /privacy': untouched,
  'GET /t/{tenant}/privacy': { fill: (side) => ({ values: { tenant: side.slug } }) },
  'GET /api/v1/policy/password': untouched,
  'GET /login': untouched,
  'POST /logout': { fill: () => ({ ask: form({}) }), endsSession: true },
  'POST /login': {
    fill: (side) => ({
      ask: form({ tenant: side.slug, email: another('x') + '@y.example', password: 'wrong' }),
    }),
    allowed: [200, 401, 429],
  },
  'GET /setup/{token}': { fill: () => ({ values: { token: 'x'.repeat(64) } }), allowed: [404] },
  'POST /setup': {
    fill: () => ({ ask: form({ token: 'x'.repeat(64), password: goodPassword }) }),
    allowed: [404],
  },
  'GET /s/{token}': { fill: ofLink },
  'GET /r/{token}': {
    fill: async (side) => ({ values: { token: (await reportLink(side)).json.token } }),
  },
  'GET /s/{token}/receipts/{receipt}': {
    fill: (side) => ({ values: { token: side.survey.token, receipt: side.receipt } }),
  },
  'GET /s/{token}/logo/{name}': {
    fill: (side) => ({ values: { token: side.survey.token, name: 'none.png' } }), allowed: [404],
  },
  'POST /s/{token}': {
    fill: (side) => ({ ...ofLink(side), ask: form({ page: '0' }) }), allowed: [200, 303, 400, 422],
  },

  'POST /api/v1/login': {
    fill: (side) => ({
      ask: json({ tenant: side.slug, email: another('x') + '@y.example', password: 'wrong' }),
    }),
    allowed: [401, 429],
  },
  'GET /api/v1/login/passkey/options': { fill: () => ({ ask: byName }) },
  'POST /api/v1/login/passkey': {
    fill: () => ({ ask: { ...byName, ...json({ credential: signedByNobody }) } }),
    allowed: [401, 429],
  },
  'POST /api/v1/setup': {
    fill: () => ({ ask: json({ token: 'x'.repeat(64), password: goodPassword }) }), allowed: [404],
  },
  'POST /api/v1/logout': { endsSession: true },
  'GET /api/v1/me': untouched,
  'GET /api/v1/me/storage': untouched,
  'POST /api/v1/me/password': {
    fill: () => ({ ask: json({ current: goodPassword, new: 'short' }) }), allowed: [400, 422],
  },
  'GET /api/v1/me/factors': untouched,
  'POST /api/v1/me/factors/totp': { fill: () => ({ ask: json({ password: goodPassword }) }) },
  'POST /api/v1/me/factors/passkey': {
    fill: () => ({ ask: { ...byName, ...json({ password: goodPassword }) } }),
  },
  'POST /api/v1/me/factors': {
    fill: () => ({ ask: json({ ticket: 'x', code: '000000', name: 'App' }) }), allowed: [400],
  },
  'POST /api/v1/me/factors/{id}/remove': {
    fill: () => ({
      values: { id: 'fac_00000000000000000000000000' }, ask: json({ password: goodPassword }),
    }),
    allowed: [404],
  },
  'POST /api/v1/me/recovery-codes': {
    fill: () => ({ ask: json({ password: goodPassword }) }), allowed: [409],
  },
  'GET /api/v1/events': { streams: true },
  'GET /api/v1/sessions': untouched,
  'POST /api/v1/sessions/revoke-all': { fill: () => ({ ask: json({}) }), endsSessions: true },
  'DELETE /api/v1/sessions/{id}': {
    endsSession: true,
    fill: (side, by) => ({ values: { id: (by ?? side.owner).me.session.id } }),
  },

  'GET /api/v1/audit': untouched,
  'GET /api/v1/privacy/inventory': untouched,
  'GET /api/v1/tenant/settings': untouched,
  'PATCH /api/v1/tenant/settings': { fill: () => ({ ask: json({ group_size_min: 5 }) }) },
  'POST /api/v1/tokens': {
    fill: () => ({ ask: json({ name: another('token'), scopes: ['surveys.read'] }) }),
  },
  'GET /api/v1/tokens': untouched,
  'DELETE /api/v1/tokens/{id}': {
    fill: async (side) => ({ values: { id: (await side.makeToken('surveys.read')).id } }),
  },
  'GET /api/v1/users': untouched,
  'POST /api/v1/users': {
    fill: () => ({ ask: json({ email: `${another('new')}@y.example`, role: 'analyst' }) }),
  },
  'PATCH /api/v1/users/{id}': {
    fill: async (side) => ({
      values: { id: await side.invite(another('patched')) }, ask: json({ role: 'editor' }),
    }),
  },
  'DELETE /api/v1/users/{id}': {
    fill: async (side) => ({ values: { id: await side.invite(another('deleted')) } }),
  },
  'POST /api/v1/users/{id}/reset-factors': {
    fill: async (side) => ({ values: { id: await side.invite(another('reset')) } }),
  },
  'POST /api/v1/users/{id}/invite': { fill: (side) => ({ values: { id: side.userId } }) },

  'POST /api/v1/evidence': {
    fill: () => ({ ask: json(evidence) }), foreign: [403, 404],
  },
  'GET /api/v1/evidence': { foreign: [403, 404] },
  'DELETE /api/v1/evidence/{id}': {
    fill: () => ({ values: { id: 'evi_00000000000000000000000000' } }),
    allowed: [404], foreign: [403, 404],
  },

  // Who may not do what was asked for does not see it; the one request is the owner's own, and is
  // over once it is withdrawn. Who may approve what: tests/functional/approvals.test.ts.
  'GET /api/v1/approvals': untouched,
  'GET /api/v1/approvals/{id}': { fill: ofApproval, allowed: [200, 404] },
  'POST /api/v1/approvals/{id}/approve': { fill: ofApproval, allowed: [403, 404] },
  'POST /api/v1/approvals/{id}/refuse': { fill: ofApproval, allowed: [200, 403, 404, 409] },
  'POST /api/v1/export': untouched,
  'GET /api/v1/export/{id}': { fill: async (side) => ({ values: await exported(side) }) },
  'GET /api/v1/export/{id}/archive': {
    fill: async (side) => ({ values: await exported(side) }),
  },

  'GET /api/v1/public/{token}': { fill: ofLink },
  'GET /api/v1/public/{token}/receipts/{receipt}': {
    fill: (side) => ({ values: { token: side.survey.token, receipt: side.receipt } }),
  },
  'POST /api/v1/public/{token}/responses': {
    fill: (side) => ({ ...ofLink(side), ask: json({ answers: { recommend: 1 } }) }),
  },

  'GET /api/v1/templates': untouched,
  'GET /api/v1/templates/{id}': { fill: () => ({ values: { id: 'nps' } }) },

  'POST /api/v1/surveys': { fill: () => ({ ask: json(sampleQuestionnaire) }) },
  'GET /api/v1/surveys': untouched,
  'POST /api/v1/surveys/import': {
    fill: () => ({
      query: 'title=Colours', ask: { body: csv, headers: { 'content-type': 'text/csv' } },
    }),
  },
  'GET /api/v1/surveys/{id}': { fill: ofSurvey },
  'PUT /api/v1/surveys/{id}': {
    fill: async (side) => ({ values: await draft(side), ask: json(sampleQuestionnaire) }),
  },
  'DELETE /api/v1/surveys/{id}': { fill: async (side) => ({ values: await draft(side) }) },
  'POST /api/v1/surveys/{id}/publish': { fill: async (side) => ({ values: await draft(side) }) },
  'POST /api/v1/surveys/{id}/close': { fill: async (side) => ({ values: await published(side) }) },
  'POST /api/v1/surveys/{id}/reopen': {
    fill: async (side) => {
      const values = await published(side);
      await side.owner.must(200, 'POST', `/api/v1/surveys/${values.id}/close`);
      return { values };
    },
  },
  'GET /api/v1/surveys/{id}/export.csv': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/export.jsonl': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/report': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/report/pictures': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/report/pictures/{file}': {
    fill: (side) => ({ values: { id: side.survey.id, file: 'recommend.svg' } }),
  },
  'GET /api/v1/surveys/{id}/report/links': { fill: ofSurvey },
  'POST /api/v1/surveys/{id}/report/links': {
    fill: (side) => ({ ...ofSurvey(side), ask: json({ expires_in_hours: 1 }) }),
  },
  'DELETE /api/v1/surveys/{id}/report/links/{link}': {
    fill: async (side) => ({
      values: { id: side.survey.id, link: (await reportLink(side)).json.id },
    }),
  },
  'GET /api/v1/surveys/{id}/report.pdf': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/report.xlsx': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/report/comments': { fill: ofText },
  'GET /api/v1/surveys/{id}/report/words': { fill: ofText },
  'GET /api/v1/surveys/{id}/responses': { fill: ofSurvey },
  'DELETE /api/v1/surveys/{id}/responses/{rid}': {
    fill: async (side) => ({
      values: { id: side.survey.id, rid: (await side.respond()).id },
    }),
  },
  'PATCH /api/v1/surveys/{id}/settings': {
    fill: async (side) => ({
      values: await draft(side), ask: { ...json({ response_cap: 1000 }) },
    }),
  },
  'GET /api/v1/surveys/{id}/qr.svg': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/qr.png': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/logo': {
    fill: async (side) => {
      const values = await draft(side);
      await side.owner.must(200, 'PUT', `/api/v1/surveys/${values.id}/logo`, smallLogo.body);
      return { values };
    },
  },
  'PUT /api/v1/surveys/{id}/logo': {
    fill: async (side) => ({ values: await draft(side), ask: smallLogo }),
  },
  'DELETE /api/v1/surveys/{id}/logo': {
    fill: async (side) => ({ values: await draft(side) }),
  },
  'POST /api/v1/surveys/{id}/duplicate': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/preview': {
    fill: (side) => ({ ...ofSurvey(side), ask: { headers: asJson } }),
  },
  'POST /api/v1/surveys/{id}/preview': {
    fill: (side) => {
      const { body, headers } = form({ _page: '0' });
      return { ...ofSurvey(side), ask: { body, headers: { ...headers, ...asJson } } };
    },
  },
  'GET /api/v1/surveys/{id}/versions': { fill: ofSurvey },
  'GET /api/v1/surveys/{id}/versions/{n}': {
    fill: (side) => ({ values: { id: side.survey.id, n: '1' } }),
  },
  'GET /api/v1/surveys/{id}/versions/{a}/differences/{b}': {
    fill: (side) => ({ values: { id: side.survey.id, a: '1', b: '1' } }),
  },

  'GET /api/v1/test/clock': untouched,
  'POST /api/v1/test/clock': { fill: () => ({ ask: json({ advance_s: 0 }) }) },
  'GET /api/v1/test/outbox': { allowed: [501] },
};
