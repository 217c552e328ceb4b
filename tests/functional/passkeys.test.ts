// Passkeys and security keys (MW-14): made, asked for besides the password, enough by themselves
// with a PIN or a finger, and refused whenever anything about them is not as it should be. The
// authenticator is tests/support/passkey.ts, which shares nothing with the server; Chromium's own
// are in tests/browser/passkeys.
// Apart from: form, report, picture, attest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { justAfter, justBefore, nowOf } from '../support/clock.ts';
import { SoftPasskey, type Lies, type Scheme } from '../support/passkey.ts';
import { type Answer, engines, goodPassword, Member, Probity } from '../support/probity.ts';

const minute = 60_000;

for (const engine of engines) {
  describe(`passkeys on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let owner: Member;
    let origin = '';
    let serial = 0;
    /** Browsers make passkeys for names, so the server is asked by its name. */
    let host: Record<string, string> = {};

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
      host = { host: `localhost:${probity.port}` };
      origin = `https://localhost:${probity.port}`;
    });
    after(() => probity?.stop());

    const colleague = (role = 'editor') =>
      owner.colleague(`key${++serial}@main.example`, role);
    const send = (path: string, body?: unknown): Promise<Answer> =>
      probity.ask('POST', path, { headers: host, ...(body === undefined ? {} : { body }) });
    const sendAs = (who: Member, path: string, body: unknown): Promise<Answer> =>
      who.ask('POST', path, { headers: host, body });
    const enter = (who: Member, more: object = {}): Promise<Answer> => send('/api/v1/login',
      { tenant: 'main', email: who.me.user.email, password: goodPassword, ...more });
    const check = (got: Answer, status: number, code: string): void => {
      assert.equal(got.status, status, got.text);
      assert.equal(got.json.code, code, got.text);
    };
    const optionsTo = async (who: Member, more: object = {}) => {
      const got = await sendAs(who, '/api/v1/me/factors/passkey',
        { password: goodPassword, ...more });
      assert.equal(got.status, 200, got.text);
      return got.json.options;
    };
    const enrol = async (who: Member, key = new SoftPasskey(origin), more: object = {}) => {
      const credential = key.make(await optionsTo(who, more));
      const made = await sendAs(who, '/api/v1/me/factors', { credential, name: 'Laptop' });
      assert.equal(made.status, 201, made.text);
      return { key, id: made.json.id as string, codes: made.json.recovery_codes as string[] };
    };
    /** What the second step asks a passkey for. */
    const asked = async (who: Member) => {
      const got = await enter(who);
      check(got, 401, 'mfa_required');
      return got.json.passkey;
    };
    const askedAlone = async () => (await probity.ask('GET',
      '/api/v1/login/passkey/options', { headers: host })).json.options;
    const alone = (credential: unknown) => send('/api/v1/login/passkey', { credential });
    const last = async () =>
      (await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=1')).json.items[0];

    test('what a browser is asked for says whose it is, and for which server', async () => {
      const who = await colleague();
      const options = await optionsTo(who);
      assert.deepEqual(options.rp, { id: 'localhost', name: 'Organisation main' });
      assert.equal(options.user.name, who.me.user.email);
      assert.equal(Buffer.from(options.user.id, 'base64url').length, 32);
      assert.ok(Buffer.from(options.challenge, 'base64url').length >= 16);
      assert.deepEqual(options.pubKeyCredParams.map(({ alg }: any) => alg), [-7, -8, -257]);
      assert.equal(options.timeout, 5 * minute);
      assert.equal(options.attestation, 'none');
      assert.equal((await enter(who)).status, 200, 'nothing is stored by an offer');
      assert.notEqual((await optionsTo(who)).challenge, options.challenge);
    });

    for (const scheme of ['ES256', 'EdDSA', 'RS256'] as const satisfies readonly Scheme[])
      test(`one that signs by ${scheme} is made, and asked for from then on`, async () => {
        const who = await colleague();
        const { key, codes } = await enrol(who, new SoftPasskey(origin, scheme));
        assert.equal(codes.length, 10);
        const held = (await who.must(200, 'GET', '/api/v1/me/factors')).json;
        assert.deepEqual(held.items.map(({ kind, name }: any) => [kind, name]),
          [['passkey', 'Laptop']]);
        const options = await asked(who);
        assert.equal(options.rpId, 'localhost');
        assert.deepEqual(options.allowCredentials, [{
          type: 'public-key', id: key.id.toString('base64url'), transports: ['internal', 'hybrid'],
        }]);
        const got = await enter(who, { credential: key.use(options) });
        assert.equal(got.status, 200, got.text);
        assert.deepEqual((await last()).detail, { factor: 'passkey' });
        assert.equal((await alone(key.use(await askedAlone()))).status, 200);
      });

    test('a self-signed attestation is taken, and only if its signature holds', async () => {
      const who = await colleague();
      const key = new SoftPasskey(origin);
      const options = await optionsTo(who);
      const offered = (credential: unknown) =>
        sendAs(who, '/api/v1/me/factors', { credential, name: 'Key' });
      const statement: Lies['statement'] = [['alg', -7], ['sig', Buffer.alloc(70, 7)]];
      assert.equal((await offered(key.make(options, { form: 'packed', statement }))).status, 400);
      assert.equal((await offered(key.make(options, { form: 'packed' }))).status, 201);
    });

    test('making one is refused when anything about it is wrong', async () => {
      const who = await colleague();
      const other = await colleague();
      const lies: Record<string, Lies> = {
        'another page': { origin: 'https://evil.example' },
        'a page below': { origin: `https://a.localhost:${probity.port}` },
        'another port': { origin: 'https://localhost:1' },
        'without TLS': { origin: origin.replace('https', 'http') },
        'another server': { rpId: 'evil.example' },
        'a challenge of nobody': { challenge: 'AAAA' },
        'no challenge': { challenge: '' },
        "another member's challenge": { challenge: (await optionsTo(other)).challenge },
        'the challenge of a log-in': { challenge: (await askedAlone()).challenge },
        'another ceremony': { type: 'webauthn.get' },
        'within a frame': { crossOrigin: true },
        'within a page': { topOrigin: 'https://evil.example' },
        'nobody there': { flags: 0x40 },
        'no key in it': { flags: 0x05 },
        'a form that says who made it': { form: 'fido-u2f' },
        'no id': { id: Buffer.alloc(0) },
      };
      for (const [what, lie] of Object.entries(lies)) {
        const credential = new SoftPasskey(origin).make(await optionsTo(who), lie);
        const got = await sendAs(who, '/api/v1/me/factors', { credential, name: 'Key' });
        assert.equal(got.status, 400, `${what}: ${got.text}`);
        assert.equal(got.json.errors[0].field, '/credential', what);
      }
      assert.equal((await enter(who)).status, 200, 'none was set up');
    });

    test('every signed byte of what is brought counts, and no bytes break the server', async () => {
      const who = await colleague();
      const options = await optionsTo(who);
      const whole = new SoftPasskey(origin).make(options, { form: 'packed' });
      const bytes = Buffer.from(whole.response.attestationObject, 'base64url');
      for (let at = bytes.indexOf('sig') + 3; at < bytes.length; at += 3) {
        const spoilt = Buffer.from(bytes);
        spoilt[at] = (spoilt[at] ?? 0) ^ 0x10;
        const credential = { ...whole, response: { ...whole.response,
          attestationObject: spoilt.toString('base64url') } };
        const got = await sendAs(who, '/api/v1/me/factors', { credential, name: 'Key' });
        assert.equal(got.status, 400, `byte ${at}: ${got.text}`);
      }
      const shapes: [unknown, string][] = [
        [7, '/credential'], [[], '/credential'], [{}, '/credential/response'],
        [{ response: [] }, '/credential/response'],
        [{ response: {} }, '/credential/response/clientDataJSON'],
        [{ response: { clientDataJSON: '=' } }, '/credential/response/clientDataJSON'],
        [{ response: { clientDataJSON: 'e30', attestationObject: 'A'.repeat(30_000) } },
          '/credential/response/attestationObject'],
        [{ response: { clientDataJSON: 'e30', attestationObject: 'oA' } }, '/credential'],
      ];
      for (const [credential, field] of shapes) {
        const got = await sendAs(who, '/api/v1/me/factors', { credential, name: 'Key' });
        assert.equal(got.status, 400, got.text);
        assert.equal(got.json.errors[0].field, field, got.text);
      }
      const both = await sendAs(who, '/api/v1/me/factors',
        { credential: whole, ticket: 'x', code: '1', name: 'Key' });
      assert.equal(both.json.errors[0].field, '/credential', both.text);
    });

    test('a log-in is refused when anything about the signature is wrong', async () => {
      const who = await colleague();
      const other = await colleague();
      const { key } = await enrol(who);
      const { key: ofOther } = await enrol(other);
      const lies: Record<string, Lies> = {
        'another page': { origin: 'https://evil.example' },
        'another server': { rpId: 'evil.example' },
        'a challenge of nobody': { challenge: 'AAAA' },
        'the challenge of setting up': { challenge:
          (await sendAs(owner, '/api/v1/me/factors/passkey', { password: goodPassword }))
            .json.options.challenge },
        'another ceremony': { type: 'webauthn.create' },
        'within a frame': { crossOrigin: true },
        'nobody there': { flags: 0 },
        'a flipped bit in what was signed': { spoil: 'authenticatorData' },
        'a flipped bit in what the page said': { spoil: 'clientDataJSON' },
        'a flipped bit in the signature': { spoil: 'signature' },
        'the id of another': { id: ofOther.id },
        'the handle of another': { handle: ofOther.handle },
      };
      for (const [what, lie] of Object.entries(lies)) {
        check(await enter(who, { credential: key.use(await asked(who), lie) }), 401,
          'bad_credentials');
        // The account rests after some failures, the passkey alone does not.
        await probity.advance(960);
        const got = await alone(key.use(await askedAlone(), lie));
        assert.equal(got.status, 401, `${what}: ${got.text}`);
        assert.equal(got.json.code, 'bad_credentials', what);
        await probity.advance(60);
      }
      const theirs = await asked(who);
      check(await enter(who, { credential: ofOther.use(theirs) }), 401, 'bad_credentials');
      await probity.advance(960);
      const mine = await asked(other);
      check(await enter(who, { credential: key.use(mine) }), 401, 'bad_credentials');
      await probity.advance(960);
      assert.equal((await enter(who, { credential: key.use(await asked(who)) })).status, 200);
      assert.equal((await alone(key.use(await askedAlone()))).status, 200);
    });

    test('what was signed lets in once, also sent many times at once', async () => {
      for (const counts of [true, false]) {
        const who = await colleague();
        const { key } = await enrol(who, new SoftPasskey(origin, 'ES256', counts));
        const credential = key.use(await askedAlone());
        const all = await Promise.all(Array.from({ length: 6 }, () => alone(credential)));
        assert.equal(all.filter(({ status }) => status === 200).length, 1, `${counts}`);
        check(await alone(credential), 401, 'bad_credentials');
        const second = key.use(await asked(who));
        assert.equal((await enter(who, { credential: second })).status, 200);
        check(await enter(who, { credential: second }), 401, 'bad_credentials');
      }
    });

    test('a challenge lasts five minutes', async () => {
      const who = await colleague();
      const { key } = await enrol(who);
      const late = await optionsTo(await colleague());
      const [first, second] = [await askedAlone(), await askedAlone()];
      const at = await nowOf(probity);
      await justBefore(probity, at + 5 * minute);
      assert.equal((await alone(key.use(first))).status, 200);
      await justAfter(probity, at + 5 * minute);
      const got = await alone(key.use(second));
      check(got, 401, 'unauthenticated');
      const made = await sendAs(await colleague(), '/api/v1/me/factors',
        { credential: new SoftPasskey(origin).make(late), name: 'Key' });
      assert.equal(made.status, 400);
    });

    test('a copy that counts apart is refused and named in the audit log', async () => {
      const who = await colleague();
      const { key } = await enrol(who);
      for (let i = 0; i < 3; ++i)
        assert.equal((await alone(key.use(await askedAlone()))).status, 200);
      for (const count of [3, 2, 0]) {
        check(await alone(key.use(await askedAlone(), { count })), 401, 'bad_credentials');
        assert.deepEqual((await last()).detail, { factor: 'passkey', suspected: 'copy' });
      }
      assert.equal((await alone(key.use(await askedAlone(), { count: 4 }))).status, 200);
    });

    test('without a PIN or a finger it is a second factor and no way in by itself', async () => {
      const who = await colleague();
      const { key } = await enrol(who);
      check(await alone(key.use(await askedAlone(), { flags: 0x01 })), 401, 'bad_credentials');
      const got = await enter(who,
        { credential: key.use(await asked(who), { flags: 0x01, handle: null }) });
      assert.equal(got.status, 200, got.text);
      check(await alone(key.use(await askedAlone(), { handle: null })), 401, 'bad_credentials');
      check(await alone(key.use(await askedAlone(), { handle: Buffer.alloc(32, 1) })), 401,
        'bad_credentials');
    });

    test('who guesses at the password does not keep the passkey out, and is not forgiven by it',
      async () => {
        const who = await colleague();
        const { key } = await enrol(who);
        const guess = () => enter(who, { password: 'not this one at all' });
        for (let i = 0; i < 5; ++i) check(await guess(), 401, 'bad_credentials');
        check(await enter(who), 429, 'throttled');
        assert.equal((await alone(key.use(await askedAlone()))).status, 200);
      });

    test('wrong signatures without end make their address wait', async () => {
      const who = await colleague();
      const { key } = await enrol(who);
      let got = await alone(key.use(await askedAlone(), { spoil: 'signature' }));
      for (let i = 0; i < 60 && got.status !== 429; ++i)
        got = await alone(key.use(await askedAlone(), { spoil: 'signature' }));
      check(got, 429, 'throttled');
      await probity.advance(3600);
      assert.equal((await alone(key.use(await askedAlone()))).status, 200);
    });

    test('nobody comes in who was shut out or deleted, or whose key was removed', async () => {
      const who = await colleague();
      const { key, id } = await enrol(who);
      const user = `/api/v1/users/${who.me.user.id}`;
      await owner.must(204, 'PATCH', user, { disabled: true });
      check(await alone(key.use(await askedAlone())), 401, 'bad_credentials');
      await owner.must(204, 'PATCH', user, { disabled: false });
      const inside = await Member.from(probity, await alone(key.use(await askedAlone())));
      const remove = (more: object) => sendAs(inside, `/api/v1/me/factors/${id}/remove`,
        { password: goodPassword, ...more });
      const missing = await remove({});
      check(missing, 401, 'mfa_required');
      assert.equal((await remove({ credential: key.use(missing.json.passkey) })).status, 204);
      check(await alone(key.use(await askedAlone())), 401, 'bad_credentials');
      assert.equal((await enter(who)).status, 200);
      const again = await Member.from(probity, await enter(who));
      const { key: second } = await enrol(again);
      await owner.must(204, 'DELETE', user);
      check(await alone(second.use(await askedAlone())), 401, 'bad_credentials');
    });

    test('one is not made twice, and an app and a passkey go side by side', async () => {
      const who = await colleague();
      const { key, codes } = await enrol(who);
      const options = await optionsTo(who, { code: codes[0] });
      assert.deepEqual(options.excludeCredentials.map(({ id }: any) => id),
        [key.id.toString('base64url')]);
      check(await sendAs(who, '/api/v1/me/factors', { credential: key.make(options), name: 'K' }),
        409, 'conflict');
      const { codes: none } = await enrol(who, new SoftPasskey(origin), { code: codes[1] });
      assert.deepEqual(none, [], 'the recovery codes are those of the first');
      assert.equal((await asked(who)).allowCredentials.length, 2);
      assert.equal((await enter(who, { otp: codes[2] })).status, 200);
    });

    test('a role that needs a second factor is content with a passkey', async () => {
      await owner.must(204, 'PATCH', '/api/v1/tenant/settings',
        { second_factor_roles: ['analyst'] });
      const who = await colleague('analyst');
      assert.equal((await who.must(200, 'GET', '/api/v1/me')).json.enrolment_due, true);
      const { key, id, codes } = await enrol(who);
      assert.equal((await who.must(200, 'GET', '/api/v1/me')).json.enrolment_due, false);
      const got = await alone(key.use(await askedAlone()));
      assert.equal(got.json.enrolment_due, false);
      check(await sendAs(who, `/api/v1/me/factors/${id}/remove`,
        { password: goodPassword, code: codes[0] }), 409, 'conflict');
      await owner.must(204, 'PATCH', '/api/v1/tenant/settings', { second_factor_roles: [] });
    });

    test('reached by its number the server says that passkeys need a name', async () => {
      const who = await colleague();
      const { key } = await enrol(who);
      const got = await probity.ask('GET', '/api/v1/login/passkey/options');
      check(got, 400, 'bad_request');
      assert.match(got.json.detail, /name/);
      const byNumber = await probity.ask('POST', '/api/v1/login', { body: {
        tenant: 'main', email: who.me.user.email, password: goodPassword,
      } });
      check(byNumber, 401, 'mfa_required');
      assert.equal(byNumber.json.passkey, undefined);
      assert.equal((await alone(key.use(await askedAlone()))).status, 200);
    });

    test('the page takes one in place of a password, and in its second step', async () => {
      const who = await colleague();
      const { key } = await enrol(who);
      const post = (fields: Record<string, string>) => probity.ask('POST', '/login', {
        body: new URLSearchParams(fields).toString(),
        headers: { ...host, 'content-type': 'application/x-www-form-urlencoded' },
      });
      const by = (options: any, lies: Lies = {}) => JSON.stringify(key.use(options, lies));
      const done = await post({ credential: by(await askedAlone()) });
      assert.equal(done.status, 303, done.text);
      const step = await post({ tenant: 'main', email: who.me.user.email, password: goodPassword });
      const ticket = /name="ticket" value="([^"]+)"/.exec(step.text)?.[1] ?? '';
      const told = /data-options="([^"]+)"/.exec(step.text)?.[1] ?? '';
      const options = JSON.parse(told.replace(/&quot;/g, '"'));
      const wrong = await post({ tenant: 'main', ticket,
        credential: by(options, { spoil: 'signature' }) });
      assert.equal(wrong.status, 401);
      assert.match(wrong.text, /does not let in here/);
      assert.match(wrong.text, /data-options="[^"]+"/, 'it can be tried again');
      assert.equal((await post({ tenant: 'main', ticket, credential: by(options) })).status, 303);
      for (const credential of ['{', '[]', '7']) {
        const got = await post({ credential });
        assert.equal(got.status, 400, got.text);
        assert.match(got.text, /does not let in here/);
      }
    });
  });
}
