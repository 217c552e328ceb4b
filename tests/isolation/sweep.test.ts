// Every route of the document, called by everybody who may and who may not, across two tenants.
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, before, describe, test } from 'node:test';

import { Random } from '../support/deep.ts';
import { type Answer, type Ask, engines, Probity } from '../support/probity.ts';
import { type Entry, type Filling, table } from './routes.ts';
import { fillSides, holders, type Role, roles, Side } from './world.ts';

interface Caller {
  readonly name: string;
  readonly kind: 'stranger' | 'member' | 'token' | 'foreigner';
  /** Those who have a live session. */
  readonly role?: Role;
  readonly side?: Side;
  /** Credentials of those who have none. */
  readonly ask?: Ask;
}

interface Route {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly success: readonly number[];
  /** What the path names is the program's own, the same for everybody. */
  readonly isCommon: boolean;
  readonly entry: Entry;
}

const expectedOf = (route: Route, by: Caller): readonly number[] => {
  const { access, entry } = route;
  const granted = entry.allowed ?? route.success;
  if (access === 'everyone' || access === 'link' || access === 'test-mode') return granted;
  if (by.kind === 'stranger') return [401];
  if (by.kind === 'foreigner') {
    if (entry.foreign !== undefined) return entry.foreign;
    return /\{/.test(route.path) && !route.isCommon ? [404] : granted;
  }
  if (access === 'signed-in') return by.kind === 'token' ? [403] : granted;
  const permission = access.replace(/^permission:/, '');
  const who = holders[permission];
  assert.ok(who !== undefined, `the sweep does not know the permission ${permission}`);
  if (by.kind === 'token') return permission === 'surveys.read' ? granted : [403];
  return by.role !== undefined && who.includes(by.role) ? granted : [403];
};

const pathOf = (route: Route, filling: Filling): string => {
  const filled = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = filling.values?.[name];
    assert.ok(value !== undefined, `${route.key}: nothing fills {${name}}`);
    return value;
  });
  return filling.query === undefined ? filled : `${filled}?${filling.query}`;
};

/** Status and first bytes of an answer that does not end. */
const peek = (probity: Probity, path: string, ask: Ask): Promise<Answer> =>
  new Promise((done, failed) => {
    const headers: Record<string, string> = { ...ask.headers };
    if (ask.cookie !== undefined) headers['cookie'] = `__Host-probity=${ask.cookie}`;
    if (ask.bearer !== undefined) headers['authorization'] = `Bearer ${ask.bearer}`;
    const { port } = probity;
    const options = { host: '127.0.0.1', port, path, headers, rejectUnauthorized: false };
    const sent = request({ ...options, agent: false }, (got) => {
      got.once('data', (bytes: Buffer) => {
        const text = bytes.toString();
        const { headers: told } = got;
        const status = got.statusCode ?? 0;
        done({ status, headers: told, bytes, text, get json() { return JSON.parse(text); } });
        sent.destroy();
      });
    });
    sent.on('error', failed);
    sent.end();
  });

/** What a refusal says, without what differs from request to request. */
const sameness = (answer: Answer): string => {
  const { request_id: _, ...rest } = answer.json;
  return JSON.stringify(rest);
};

for (const engine of engines) {
  describe(`isolation on ${engine}`, () => {
    const random = new Random();
    let probity: Probity;
    let ours: Side;
    let theirs: Side;
    let routes: Route[];
    let callers: Caller[];

    before(async () => {
      probity = await Probity.start({ engine });
      // Ours is the first tenant, which runs the installation: evidence is filed there.
      ours = new Side(probity, 'acme', random);
      await probity.serve();
      theirs = new Side(probity, 'zebra', random);
      await fillSides(probity, ours, theirs);
      const document = (await probity.ask('GET', '/api/openapi.json')).json;
      routes = Object.entries<any>(document.paths).flatMap(([path, methods]) =>
        Object.entries<any>(methods).map(([verb, operation]) => {
          const key = `${verb.toUpperCase()} ${path}`;
          const access: string = operation['x-probity-access'];
          const codes = Object.keys(operation.responses).filter((code) => code !== 'default');
          const success = codes.map(Number);
          const entry = table[key] ?? {};
          const isCommon = operation['x-probity-objects'] === 'common';
          return { key, method: verb.toUpperCase(), path, access, success, isCommon, entry };
        }));
      callers = [
        { name: 'anonymous', kind: 'stranger', ask: {} },
        { name: 'revoked session', kind: 'stranger', ask: ours.revoked },
        { name: 'revoked token', kind: 'stranger', ask: { bearer: ours.revokedToken } },
        { name: 'invented token', kind: 'stranger', ask: { bearer: `prb_${'A'.repeat(86)}` } },
        { name: 'token of one scope', kind: 'token', ask: { bearer: ours.token } },
        ...roles.map((role): Caller => ({ name: `our ${role}`, kind: 'member', role, side: ours })),
        { name: 'their owner', kind: 'foreigner', role: 'owner', side: theirs },
      ];
    });
    after(() => probity?.stop());

    test('the table holds every route of the document', () => {
      const known = routes.map((route) => route.key).sort();
      assert.deepEqual(known.filter((key) => table[key] === undefined), [], 'not in the table');
    });

    test('only what the document calls common is shown to a foreigner who names it', () => {
      const shown = routes.filter(({ access, path, isCommon, entry }) =>
        /^(permission:|signed-in)/.test(access) && path.includes('{') && !isCommon &&
        entry.foreign?.some((status) => status < 400));
      assert.deepEqual(shown.map(({ key }) => key), []);
      const common = routes.filter(({ isCommon }) => isCommon).map(({ key }) => key);
      assert.deepEqual(common, ['GET /api/v1/templates/{id}']);
    });

    test('what is common is the same for all, and knows nothing of a tenant', async () => {
      for (const route of routes.filter(({ isCommon }) => isCommon)) {
        const at = (await route.entry.fill?.(ours, undefined)) ?? {};
        const mine = await ours.owner.must(200, route.method, pathOf(route, at));
        const other = await theirs.owner.must(200, route.method, pathOf(route, at));
        assert.equal(mine.text, other.text, route.key);
        for (const id of [ours.survey.id, ours.userId]) {
          const path = route.path.replace(/\{\w+\}/g, id);
          assert.equal((await ours.owner.ask(route.method, path)).status, 404, route.key);
        }
      }
    });

    const callOnce = async (route: Route, by: Caller): Promise<Answer> => {
      const { entry } = route;
      const { side, role } = by;
      const isKnown = side !== undefined && role !== undefined;
      let member = isKnown ? side.member(role) : undefined;
      if (entry.endsSession === true && isKnown) member = await side.logIn(role);
      // A foreigner brings the ids of our things.
      const filling = (await entry.fill?.(ours,
        by.kind === 'foreigner' ? undefined : member)) ?? {};
      const path = pathOf(route, filling);
      const credentials = member ? { cookie: member.cookie, csrf: member.csrf } : by.ask;
      const whole = { ...filling.ask, ...credentials };
      if (entry.streams === true) return peek(probity, path, whole);
      const got = await probity.ask(route.method, path, whole);
      if (entry.endsSessions === true && isKnown) side.people.set(role, await side.logIn(role));
      return got;
    };

    test('every route answers every caller as it should', async (t) => {
      const wrong: string[] = [];
      let calls = 0;
      for (const route of routes) {
        for (const by of callers) {
          const got = await callOnce(route, by);
          ++calls;
          const expected = expectedOf(route, by);
          const told = `${route.key} by ${by.name}: ${got.status}, not ${expected}: ${got.text}`;
          if (!expected.includes(got.status)) wrong.push(told.slice(0, 300));
          const isPublic = ['everyone', 'link', 'test-mode'].includes(route.access) &&
            route.entry.tellsOwn !== true;
          const other = by.kind === 'foreigner' && !isPublic ? ours.canary : theirs.canary;
          if (got.text.includes(other)) wrong.push(`${route.key} by ${by.name} tells ${other}`);
        }
      }
      t.diagnostic(`${routes.length} routes, ${calls} calls`);
      assert.deepEqual(wrong, []);
    });

    test('an object of another tenant and an unknown one are refused alike', async () => {
      const them = theirs.owner;
      for (const route of routes) {
        if (!route.access.startsWith('permission:') || !route.path.includes('{')) continue;
        if (route.entry.foreign !== undefined || route.isCommon) continue;
        const filling = (await route.entry.fill?.(ours, undefined)) ?? {};
        const values: Record<string, string> = {};
        for (const [name, value] of Object.entries(filling.values ?? {}))
          values[name] = `${value.slice(0, -6)}000000`;
        const call = (at: Filling) => them.ask(route.method, pathOf(route, at), filling.ask ?? {});
        const foreign = await call(filling);
        const unknown = await call({ ...filling, values });
        assert.equal(foreign.status, 404, route.key);
        assert.equal(unknown.status, 404, route.key);
        assert.equal(sameness(foreign), sameness(unknown), route.key);
        assert.equal(foreign.json.code, 'not_found');
      }
    });

    test('a refusal names its code', async () => {
      const stranger = await probity.ask('GET', '/api/v1/surveys');
      assert.equal(stranger.json.code, 'unauthenticated');
      const lower = await ours.member('none').ask('GET', '/api/v1/surveys');
      assert.equal(lower.json.code, 'forbidden');
      const bare = await probity.ask('POST', '/api/v1/surveys', {
        cookie: ours.owner.cookie, body: ours.questionnaire,
      });
      assert.equal(bare.json.code, 'csrf');
      const crossed = await probity.ask('POST', '/api/v1/surveys', {
        cookie: ours.owner.cookie, csrf: theirs.owner.csrf, body: ours.questionnaire,
      });
      assert.equal(crossed.json.code, 'csrf');
    });

    test('what is theirs is as it was', async () => {
      const { id } = theirs.survey;
      const report = await theirs.owner.must(200, 'GET', `/api/v1/surveys/${id}/report`);
      assert.equal(report.json.responses, 6);
      const found = await theirs.owner.must(200, 'GET', `/api/v1/surveys/${id}`);
      assert.match(found.text, new RegExp(theirs.canary));
      const said = probity.commandOnData('verify', '--audit');
      assert.equal(said.status, 0, said.out + said.err);
    });
  });
}
