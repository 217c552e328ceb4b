// Second factors (MW-14): an authenticator app and recovery codes, asked for at every log-in, and
// required of whole roles. The app is tests/support/authenticator.ts, which shares nothing with the
// server.
// Apart from: form, report, picture, attest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { codeAt, stepMs } from '../support/authenticator.ts';
import { justAfter, justBefore, moveTo, nowOf } from '../support/clock.ts';
import { type Answer, engines, goodPassword, Member, Probity } from '../support/probity.ts';

const minute = 60_000;

for (const engine of engines) {
  describe(`second factors on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let owner: Member;
    let serial = 0;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    const colleague = (role = 'editor') =>
      owner.colleague(`member${++serial}@main.example`, role);
    const enter = (who: Member, more: Record<string, string> = {}): Promise<Answer> =>
      probity.ask('POST', '/api/v1/login', {
        body: { tenant: 'main', email: who.me.user.email, password: goodPassword, ...more },
      });
    /** `otp`: of the factor there is already. */
    const offerTo = async (who: Member, otp = '') =>
      (await who.must(200, 'POST', '/api/v1/me/factors/totp',
        { password: goodPassword, code: otp })).json;
    /** The code of now; the clock goes on to the next step first, where the last one was used. */
    const fresh = async (secret: string) => {
      await moveTo(probity, (Math.floor(await nowOf(probity) / stepMs) + 1) * stepMs + 100);
      return codeAt(secret, await nowOf(probity));
    };
    const enrol = async (who: Member, name = 'Phone', otp = '') => {
      const { secret, ticket } = await offerTo(who, otp);
      const code = codeAt(secret, await nowOf(probity));
      const made = (await who.must(201, 'POST', '/api/v1/me/factors', { ticket, code, name })).json;
      return { secret, code, id: made.id as string, codes: made.recovery_codes as string[] };
    };
    const factorsOf = async (who: Member) =>
      (await who.must(200, 'GET', '/api/v1/me/factors')).json;
    const actions = async () =>
      (await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=20')).json.items
        .map(({ action, outcome }: any) => `${action} ${outcome}`);
    const check = (got: Answer, status: number, code: string) => {
      assert.equal(got.status, status, got.text);
      assert.equal(got.json.code, code, got.text);
    };

    test('nobody has one at first, and the password alone lets in', async () => {
      const who = await colleague();
      assert.deepEqual(await factorsOf(who),
        { items: [], next: null, recovery_codes: 0, is_required: false });
      assert.equal((await enter(who)).status, 200);
    });

    test('an app is set up by its code and then the password is not enough', async () => {
      const who = await colleague();
      const other = await Member.from(probity, await enter(who));
      const offered = await offerTo(who);
      assert.match(offered.secret, /^[A-Z2-7]{32}$/);
      const uri = new URL(offered.uri);
      assert.equal(uri.searchParams.get('secret'), offered.secret);
      assert.equal(uri.searchParams.get('issuer'), 'Organisation main');
      assert.match(decodeURIComponent(uri.pathname), /Organisation main:member\d+@main\.example$/);
      assert.match(offered.qr_svg, /^<svg/);
      assert.equal((await enter(who)).status, 200, 'nothing is stored by an offer');

      const code = codeAt(offered.secret, await nowOf(probity));
      const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
      const ask = (body: object) => who.ask('POST', '/api/v1/me/factors', { body });
      const { ticket } = offered;
      const refused = await ask({ ticket, code: wrong, name: 'Phone' });
      assert.equal(refused.status, 400);
      assert.equal(refused.json.errors[0].field, '/code');
      const made = await ask({ ticket, code, name: 'Phone' });
      assert.equal(made.status, 201, made.text);
      assert.equal(made.json.recovery_codes.length, 10);

      const held = await factorsOf(who);
      assert.deepEqual(held.items.map(({ id, kind, name, used_at }: any) =>
        ({ id, kind, name, used_at })),
      [{ id: made.json.id, kind: 'totp', name: 'Phone', used_at: null }]);
      assert.equal(held.recovery_codes, 10);
      assert.equal((await other.ask('GET', '/api/v1/me')).status, 401, 'other sessions end');
      check(await enter(who), 401, 'mfa_required');
      assert.equal((await enter(who, { otp: await fresh(offered.secret) })).status, 200);
      assert.notEqual((await factorsOf(who)).items[0].used_at, null);
      const seen = await actions();
      for (const action of ['factor.enrol done', 'session.login refused:mfa_required'])
        assert.ok(seen.includes(action), `${action} in ${seen}`);
    });

    test('a code lets in once and only near its own step', async () => {
      const who = await colleague();
      const { secret, code } = await enrol(who);
      check(await enter(who, { otp: code }), 401, 'bad_credentials');
      const next = await fresh(secret);
      const spaced = ` ${next.slice(0, 3)} ${next.slice(3)} `;
      assert.equal((await enter(who, { otp: spaced })).status, 200);
      check(await enter(who, { otp: next }), 401, 'bad_credentials');
      // From the first moment of a step: the code after it is taken, and then none before that.
      const now = (Math.floor(await nowOf(probity) / stepMs) + 3) * stepMs + 100;
      await moveTo(probity, now);
      check(await enter(who, { otp: codeAt(secret, now + 2 * stepMs) }), 401, 'bad_credentials');
      check(await enter(who, { otp: codeAt(secret, now - 2 * stepMs) }), 401, 'bad_credentials');
      assert.equal((await enter(who, { otp: codeAt(secret, now - stepMs) })).status, 200);
      assert.equal((await enter(who, { otp: codeAt(secret, now + stepMs) })).status, 200);
      check(await enter(who, { otp: codeAt(secret, now) }), 401, 'bad_credentials');
    });

    test('the same code sent many times at once lets in once', async () => {
      const sendAll = async (who: Member, otp: string) => {
        const all = await Promise.all(Array.from({ length: 6 }, () => enter(who, { otp })));
        assert.equal(all.filter(({ status }) => status === 200).length, 1, otp);
      };
      const who = await colleague();
      const { secret } = await enrol(who);
      await sendAll(who, await fresh(secret));
      const other = await colleague();
      await sendAll(other, (await enrol(other)).codes[0] ?? '');
    });

    test('a recovery code lets in once and dies when new ones are made', async () => {
      const who = await colleague();
      const { codes } = await enrol(who);
      assert.equal(new Set(codes).size, 10);
      for (const code of codes) assert.match(code, /^([A-Z2-7]{4}-){6}[A-Z2-7]{2}$/);
      const [first = '', second = ''] = codes;
      const inside = await Member.from(probity, await enter(who, { otp: first.toLowerCase() }));
      check(await enter(who, { otp: first }), 401, 'bad_credentials');
      assert.equal((await factorsOf(inside)).recovery_codes, 9);
      const renewed = await inside.must(201, 'POST', '/api/v1/me/recovery-codes',
        { password: goodPassword, code: codes[2] });
      assert.equal((await factorsOf(inside)).recovery_codes, 10);
      check(await enter(who, { otp: second }), 401, 'bad_credentials');
      assert.equal((await enter(who, { otp: renewed.json.recovery_codes[3] })).status, 200);
    });

    test('wrong codes count as failed log-ins also where the password was right', async () => {
      const who = await colleague();
      const { secret } = await enrol(who);
      for (let i = 0; i < 5; ++i)
        check(await enter(who, { otp: '000000' }), 401, 'bad_credentials');
      const held = await enter(who);
      check(held, 429, 'throttled');
      assert.equal(held.headers['retry-after'], '1');
      await probity.advance(2);
      check(await enter(who), 401, 'mfa_required');
      // A right password alone forgives nothing.
      check(await enter(who, { otp: '000000' }), 401, 'bad_credentials');
      const longer = await enter(who);
      check(longer, 429, 'throttled');
      assert.equal(longer.headers['retry-after'], '2');
      await probity.advance(3);
      assert.equal((await enter(who, { otp: await fresh(secret) })).status, 200);
      check(await enter(who, { otp: '000000' }), 401, 'bad_credentials');
      check(await enter(who), 401, 'mfa_required');
    });

    test('an offer lasts ten minutes, is for one member and for one app', async () => {
      const who = await colleague();
      const other = await colleague();
      const { secret, ticket } = await offerTo(who);
      const begun = await nowOf(probity);
      const send = async (by: Member, more: object = {}) => by.ask('POST', '/api/v1/me/factors', {
        body: { ticket, code: codeAt(secret, await nowOf(probity)), name: 'App', ...more },
      });
      const field = async (got: Answer, name: string) => {
        assert.equal(got.status, 400, got.text);
        assert.equal(got.json.errors[0].field, name, got.text);
      };
      await field(await send(other), '/ticket');
      await field(await send(who, { ticket: `${ticket.slice(0, -2)}AA` }), '/ticket');
      await field(await send(who, { ticket: 'x' }), '/ticket');
      await field(await send(who, { name: ' ' }), '/name');
      assert.equal((await send(who, { name: 'n'.repeat(101) })).status, 422);
      await justBefore(probity, begun + 10 * minute);
      await field(await send(who, { code: '' }), '/code');
      assert.equal((await send(who, { name: 'n'.repeat(100) })).status, 201);
      await justAfter(probity, begun + 10 * minute);
      await field(await send(who), '/ticket');
    });

    test('setting up and taking away need the password again and a code', async () => {
      const who = await colleague();
      const { id, codes } = await enrol(who);
      const paths = ['factors/totp', `factors/${id}/remove`, 'recovery-codes'];
      const send = (path: string, body: object) => who.ask('POST', `/api/v1/me/${path}`, { body });
      const code = codes[0] ?? '';
      for (const path of paths) {
        check(await send(path, { password: 'not this one at all', code }), 401, 'bad_credentials');
        check(await send(path, { password: goodPassword }), 401, 'mfa_required');
      }
      check(await send('recovery-codes', { password: goodPassword, code: '000000' }), 401,
        'bad_credentials');
      assert.equal((await factorsOf(who)).items.length, 1);
      assert.equal((await factorsOf(who)).recovery_codes, 10, 'nothing was used up');
      // The code is used up with what it was given for, and serves nothing else.
      await who.must(200, 'POST', '/api/v1/me/factors/totp', { password: goodPassword, code });
      check(await send('recovery-codes', { password: goodPassword, code }), 401, 'bad_credentials');
      check(await enter(who), 429, 'throttled');
      await probity.advance(2);
      await who.must(204, 'POST', `/api/v1/me/factors/${id}/remove`,
        { password: goodPassword, code: codes[1] });
      const held = await factorsOf(who);
      assert.deepEqual([held.items.length, held.recovery_codes], [0, 0]);
      assert.equal((await enter(who)).status, 200);
      const again = { password: goodPassword };
      check(await send(`factors/${id}/remove`, again), 404, 'not_found');
      check(await send('recovery-codes', again), 409, 'conflict');
    });

    test('a member has ten at most, and nobody sees or removes those of another', async () => {
      const who = await colleague();
      const other = await colleague();
      const first = await enrol(who);
      const ids = [first.id];
      for (let i = 1; i < 10; ++i)
        ids.push((await enrol(who, `App ${i}`, first.codes[i - 1])).id);
      const { secret, ticket } = await offerTo(who, first.codes[9]);
      const code = codeAt(secret, await nowOf(probity));
      check(await who.ask('POST', '/api/v1/me/factors', { body: { ticket, code, name: 'More' } }),
        409, 'conflict');
      check(await other.ask('POST', `/api/v1/me/factors/${ids[0]}/remove`,
        { body: { password: goodPassword } }), 404, 'not_found');
      assert.equal((await factorsOf(other)).items.length, 0);
      assert.equal((await factorsOf(who)).items.length, 10);
    });

    test('whoever lost theirs is reset by somebody with as many rights', async () => {
      const who = await colleague('owner');
      const editor = await colleague('editor');
      await enrol(who);
      const path = `/api/v1/users/${who.me.user.id}/reset-factors`;
      assert.equal((await editor.ask('POST', path)).status, 403);
      await owner.must(204, 'POST', path);
      assert.equal((await who.ask('GET', '/api/v1/me')).status, 401, 'its sessions end');
      assert.equal((await enter(who)).status, 200);
      assert.ok((await actions()).includes('factor.reset done'));
    });

    test('the operator lets an owner in again who lost everything', async () => {
      const who = await colleague('owner');
      await enrol(who);
      const link = (...more: string[]) => probity.commandOnData('reset-link', '--tenant', 'main',
        '--owner', who.me.user.email, ...more);
      assert.equal(link().status, 0);
      check(await enter(who), 401, 'mfa_required');
      assert.equal(link('--reset-factors').status, 0);
      assert.equal((await enter(who)).status, 200);
    });

    test('the page asks in two steps, without script, and the second does not last', async () => {
      const who = await colleague();
      const { secret } = await enrol(who);
      const post = (fields: Record<string, string>) => probity.ask('POST', '/login', {
        body: new URLSearchParams({ tenant: 'main', ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      const ticketIn = (got: Answer) => /name="ticket" value="([^"]+)"/.exec(got.text)?.[1] ?? '';
      const begin = () => post({ email: who.me.user.email, password: goodPassword });
      const asked = await begin();
      const ticket = ticketIn(asked);
      assert.equal(asked.status, 200);
      assert.match(asked.text, /autocomplete="one-time-code"/);
      assert.equal(asked.headers['set-cookie'], undefined);
      assert.ok(!asked.text.includes(goodPassword));
      const wrong = await post({ ticket, code: '000000' });
      assert.equal(wrong.status, 401);
      assert.match(wrong.text, /code is wrong/);
      assert.equal(ticketIn(wrong), ticket);
      const empty = await post({ ticket, code: '' });
      assert.equal(empty.status, 400);
      assert.match(empty.text, /Type the code/);
      const done = await post({ ticket, code: await fresh(secret) });
      assert.equal(done.status, 303, done.text);
      assert.match(String(done.headers['set-cookie']), /__Host-probity=/);
      for (const spoilt of ['x', `${ticket.slice(0, -2)}AA`]) {
        const got = await post({ ticket: spoilt, code: '123456' });
        assert.equal(got.status, 401);
        assert.match(got.text, /Log in again/);
      }
      const late = ticketIn(await begin());
      const at = await nowOf(probity);
      await justBefore(probity, at + 5 * minute);
      assert.match((await post({ ticket: late, code: '000000' })).text, /code is wrong/);
      await justAfter(probity, at + 5 * minute);
      assert.match((await post({ ticket: late, code: await fresh(secret) })).text, /Log in again/);
    });

    test('a ticket dies with the password it stands for', async () => {
      const who = await colleague();
      const { secret } = await enrol(who);
      const post = (fields: Record<string, string>) => probity.ask('POST', '/login', {
        body: new URLSearchParams({ tenant: 'main', ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      const asked = await post({ email: who.me.user.email, password: goodPassword });
      const ticket = /name="ticket" value="([^"]+)"/.exec(asked.text)?.[1] ?? '';
      await who.must(204, 'POST', '/api/v1/me/password',
        { current: goodPassword, new: 'seven brown teapots whisper 12' });
      const got = await post({ ticket, code: await fresh(secret) });
      assert.equal(got.status, 401);
      assert.match(got.text, /Log in again/);
    });

    describe('where a role needs one', () => {
      const require = (roles: string[]) =>
        owner.must(204, 'PATCH', '/api/v1/tenant/settings', { second_factor_roles: roles });
      after(() => require([]));

      test('a member without one can set one up and nothing else, from that moment', async () => {
        const who = await colleague('editor');
        const token = (await owner.must(200, 'GET', '/api/v1/me')).json.user.id;
        assert.ok(token);
        await require(['editor', 'analyst']);
        const later = await Member.from(probity, await enter(who));
        for (const by of [who, later]) {
          assert.equal((await by.must(200, 'GET', '/api/v1/me')).json.enrolment_due, true);
          for (const [method, path, body] of [
            ['GET', '/api/v1/surveys'], ['POST', '/api/v1/surveys', { title: 'T' }],
            ['GET', '/api/v1/sessions'], ['POST', '/api/v1/tokens', { name: 'n', scopes: [] }],
            ['GET', '/api/v1/me/storage'], ['GET', '/api/v1/events'],
            ['POST', '/api/v1/me/password', { current: goodPassword, new: goodPassword }],
          ] as const)
            check(await by.ask(method, path, body === undefined ? {} : { body }), 403,
              'enrolment_required');
        }
        const before = await factorsOf(later);
        assert.equal(before.is_required, true);
        const { id, secret, codes } = await enrol(later);
        assert.equal((await later.must(200, 'GET', '/api/v1/me')).json.enrolment_due, false);
        await later.must(200, 'GET', '/api/v1/surveys');
        check(await later.ask('POST', `/api/v1/me/factors/${id}/remove`,
          { body: { password: goodPassword, code: codes[0] } }), 409, 'conflict');
        const held = await factorsOf(later);
        assert.deepEqual([held.items.length, held.recovery_codes], [1, 10]);
        assert.equal((await enter(who, { otp: await fresh(secret) })).status, 200);
      });

      test('other roles go on as before, and the setting is told and checked', async () => {
        await require(['editor', 'analyst']);
        const auditor = await colleague('auditor');
        assert.equal(auditor.me.enrolment_due, false);
        const told = await owner.must(200, 'GET', '/api/v1/tenant/settings');
        assert.deepEqual(told.json.second_factor_roles, ['editor', 'analyst']);
        const got = await owner.ask('PATCH', '/api/v1/tenant/settings',
          { body: { second_factor_roles: ['king'] } });
        assert.equal(got.status, 400, got.text);
        assert.equal(got.json.errors[0].field, '/second_factor_roles');
      });
    });

    test('what is stored tells nothing: secret, name and codes are not in any answer', async () => {
      const who = await colleague();
      const { secret, codes } = await enrol(who, 'My own telephone');
      const users = await owner.must(200, 'GET', '/api/v1/users?limit=1000');
      const audit = await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=50');
      for (const text of [users.text, audit.text, (await who.ask('GET', '/api/v1/me/factors')).text,
        probity.log]) {
        assert.ok(!text.includes(secret));
        for (const code of codes) assert.ok(!text.includes(code));
      }
      assert.ok(!audit.text.includes('telephone'));
    });
  });
}
