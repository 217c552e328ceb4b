// From which networks an organisation lets its people in (WI-22): log-ins, open sessions, streams
// and API tokens, at once; with a guard for whoever would shut themselves out. The test is its own
// proxy, so that it can come from anywhere.
// Apart from: form, report, picture, attest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { type Answer, engines, goodPassword, Member, Probity } from '../support/probity.ts';

const office = '198.51.100.20';
const home = '203.0.113.7';
const far = '2001:db8:1:2::9';

for (const engine of engines) {
  describe(`networks on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let owner: Member;
    let serial = 0;

    before(async () => {
      probity = await Probity.start({ engine, serve: ['--trusted-proxy', '127.0.0.0/8'] });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    const from = (address: string) => ({ 'x-forwarded-for': address });
    const as = (who: Member, address: string, method: string, path: string, body?: unknown) =>
      who.ask(method, path, { headers: from(address), ...(body === undefined ? {} : { body }) });
    const enter = (who: Member, address: string): Promise<Answer> =>
      probity.ask('POST', '/api/v1/login', { headers: from(address),
        body: { tenant: 'main', email: who.me.user.email, password: goodPassword } });
    const rule = (body: object, address = office) =>
      as(owner, address, 'PATCH', '/api/v1/tenant/settings', body);
    const clear = async () => {
      const got = await rule({ network_allow: [], network_deny: [] });
      assert.equal(got.status, 204, got.text);
    };
    const colleague = (role = 'editor') =>
      owner.colleague(`net${++serial}@main.example`, role);
    const check = (got: Answer, status: number, code: string): void => {
      assert.equal(got.status, status, got.text);
      assert.equal(got.json.code, code, got.text);
    };

    test('an address that is denied is out at once, with its session and its token', async () => {
      const who = await colleague('owner');
      const { token } = (await who.must(201, 'POST', '/api/v1/tokens',
        { name: 'Program', scopes: ['surveys.read'] })).json;
      const byToken = (address: string) => probity.ask('GET', '/api/v1/surveys',
        { bearer: token, headers: from(address) });
      assert.equal((await as(who, home, 'GET', '/api/v1/surveys')).status, 200);
      assert.equal((await byToken(home)).status, 200);
      assert.equal((await rule({ network_deny: [home] })).status, 204);
      check(await as(who, home, 'GET', '/api/v1/surveys'), 403, 'network_refused');
      check(await as(who, home, 'GET', '/api/v1/me'), 403, 'network_refused');
      check(await byToken(home), 403, 'network_refused');
      check(await enter(who, home), 403, 'network_refused');
      for (const address of [office, '203.0.113.8', far]) {
        assert.equal((await as(who, address, 'GET', '/api/v1/surveys')).status, 200, address);
        assert.equal((await byToken(address)).status, 200, address);
        assert.equal((await enter(who, address)).status, 200, address);
      }
      const told = (await as(owner, office, 'GET', '/api/v1/audit?before=end&limit=30')).json.items
        .map(({ action, outcome }: any) => `${action} ${outcome}`);
      for (const entry of ['access.refused refused:network_refused',
        'session.login refused:network_refused', 'settings.change done'])
        assert.ok(told.includes(entry), `${entry} in ${told}`);
      await clear();
      assert.equal((await as(who, home, 'GET', '/api/v1/surveys')).status, 200);
    });

    test('where some are allowed all others are out, and denied wins over allowed', async () => {
      const who = await colleague();
      assert.equal((await rule({
        network_allow: ['198.51.100.0/24', '2001:db8:1::/48', '203.0.113.0/29'],
        network_deny: ['203.0.113.7', '2001:db8:1:3::/64'],
      })).status, 204);
      const outcome: Record<string, number> = {
        '198.51.100.0': 200, '198.51.100.255': 200, '198.51.101.0': 403, '203.0.113.6': 200,
        '203.0.113.7': 403, '203.0.113.8': 403, '2001:db8:1::1': 200, '2001:db8:1:3::1': 403,
        '2001:db8:2::1': 403, '::ffff:198.51.100.9': 200,
      };
      for (const [address, status] of Object.entries(outcome))
        assert.equal((await as(who, address, 'GET', '/api/v1/surveys')).status, status, address);
      const told = (await as(owner, office, 'GET', '/api/v1/tenant/settings')).json;
      assert.deepEqual(told.network_allow,
        ['198.51.100.0/24', '2001:db8:1::/48', '203.0.113.0/29']);
      assert.deepEqual(told.network_deny, ['203.0.113.7', '2001:db8:1:3::/64']);
      assert.equal(told.own_address, office);
      await clear();
    });

    test('who would be shut out is stopped unless it is meant and can come in again', async () => {
      const shut = async (body: object, field: string) => {
        const got = await rule(body);
        check(got, 409, 'conflict');
        assert.equal(got.json.errors[0].field, field, got.text);
        assert.match(got.json.errors[0].reason, /198\.51\.100\.20/);
      };
      await shut({ network_deny: ['198.51.0.0/16'] }, '/network_deny');
      await shut({ network_allow: [home] }, '/network_allow');
      await shut({ network_deny: ['0.0.0.0/0', '::/0'] }, '/network_deny');
      assert.equal((await as(owner, office, 'GET', '/api/v1/surveys')).status, 200);
      assert.equal((await rule({ network_allow: [home], network_force: true })).status, 204);
      check(await as(owner, office, 'GET', '/api/v1/surveys'), 403, 'network_refused');
      check(await enter(owner, office), 403, 'network_refused');
      assert.equal((await as(owner, home, 'GET', '/api/v1/surveys')).status, 200);
      // A list is judged with the one that stays.
      check(await rule({ network_deny: [home] }, home), 409, 'conflict');
      const made = probity.commandOnData('reset-network', '--tenant', 'main');
      assert.equal(made.status, 0, made.err);
      assert.equal((await as(owner, office, 'GET', '/api/v1/surveys')).status, 200);
      assert.notEqual(probity.commandOnData('reset-network', '--tenant', 'nobody').status, 0);
    });

    test('an open stream ends within a second', async () => {
      const who = await colleague();
      const stream = as(who, home, 'GET', '/api/v1/events');
      await new Promise((done) => setTimeout(done, 300));
      const begun = Date.now();
      assert.equal((await rule({ network_deny: [home] })).status, 204);
      assert.match((await stream).text, /event: end/);
      assert.ok(Date.now() - begun < 3_000, 'measured on a busy machine');
      await clear();
    });

    test('respondents come from everywhere', async () => {
      const { token } = await owner.survey({ title: 'T', pages: [{ elements: [
        { type: 'text', name: 'q', title: 'Q' }] }] });
      assert.equal((await rule({ network_allow: [office] })).status, 204);
      const got = await probity.ask('GET', `/s/${token}`, { headers: from(home) });
      assert.equal(got.status, 200);
      await clear();
    });

    test('only blocks are taken, two hundred of them, by whoever manages settings', async () => {
      const refused = async (network_deny: unknown, status: number) => {
        const got = await rule({ network_deny });
        assert.equal(got.status, status, got.text);
        assert.equal(got.json.errors[0].field, '/network_deny', got.text);
      };
      for (const bad of ['', 'office', '1.2.3', '1.2.3.4/33', '::/129', '1.2.3.4-5', '1.2.3.4/',
        '10.0.0.0/8\n11.0.0.0/8'])
        await refused([bad], 400);
      const many = Array.from({ length: 201 }, (_, i) => `10.0.${i}.0/24`);
      await refused(many, 422);
      assert.equal((await rule({ network_deny: many.slice(1) })).status, 204);
      assert.equal((await rule({ network_deny: ['10.0.0.1', ' 10.0.0.1/32 '] })).status, 204);
      assert.deepEqual((await as(owner, office, 'GET', '/api/v1/tenant/settings')).json
        .network_deny, ['10.0.0.1']);
      await clear();
      const editor = await colleague();
      assert.equal((await editor.ask('PATCH', '/api/v1/tenant/settings',
        { body: { network_deny: [] } })).status, 403);
    });
  });
}
