// The rules for passwords an organisation can choose (MC-17, MC-18, MC-19): what each asks for,
// what must not come back, and what becomes of passwords and tokens on the days 25, 29, 30 and 31.
// Apart from: form, report, picture, attest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { justAfter, justBefore, nowOf } from '../support/clock.ts';
import { type Answer, engines, goodPassword, Member, Probity } from '../support/probity.ts';

const day = 24 * 60 * 60 * 1000;
const words = [
  'amber', 'birch', 'cobalt', 'dune', 'ember', 'fjord', 'granite', 'hazel', 'indigo', 'juniper',
  'kelp', 'lichen', 'maple', 'nectar', 'opal', 'pebble', 'quartz', 'russet', 'sable', 'thistle',
  'umber', 'velvet', 'willow', 'yarrow', 'zephyr', 'anvil', 'bramble', 'cinder',
];
/** Pass-phrases, none like another. */
const phrase = (n: number): string =>
  `${words[n % words.length]} ${words[(n * 5 + 3) % words.length]} carries ${n + 11} lanterns`;

for (const engine of engines) {
  describe(`rules for passwords on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let owner: Member;
    let serial = 0;
    let ownerPassword = goodPassword;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    const colleague = (role = 'editor') =>
      owner.colleague(`rule${++serial}@main.example`, role);
    const choose = async (password_profile: string) => {
      owner = await probity.logIn('main', owner.me.user.email, ownerPassword);
      await owner.must(204, 'PATCH', '/api/v1/tenant/settings', { password_profile });
    };
    const enter = (who: Member, password: string): Promise<Answer> =>
      probity.ask('POST', '/api/v1/login',
        { body: { tenant: 'main', email: who.me.user.email, password } });
    const inside = async (who: Member, password: string) =>
      Member.from(probity, await enter(who, password));
    const change = async (who: Member, current: string, fresh: string): Promise<Answer> =>
      (await inside(who, current)).ask('POST', '/api/v1/me/password',
        { body: { current, new: fresh } });
    /** The owner's password begins a new life. */
    const renewOwner = async () => {
      const fresh = phrase(1000 + ++serial);
      assert.equal((await change(owner, ownerPassword, fresh)).status, 204);
      ownerPassword = fresh;
      owner = await inside(owner, fresh);
    };
    const rulesIn = (got: Answer): string[] => {
      assert.equal(got.status, 422, got.text);
      return got.json.errors.map(({ reason }: any) => reason.split(':')[0]);
    };
    const policy = async (query = '', who?: Member) => {
      const path = `/api/v1/policy/password${query}`;
      return (who ? await who.ask('GET', path) : await probity.ask('GET', path)).json;
    };

    /** Set up by a link with a password of their own; none is like another's. */
    const colleague2 = async (password: string): Promise<Member> => {
      const email = `rule${++serial}@main.example`;
      const made = await owner.must(201, 'POST', '/api/v1/users', { email, role: 'editor' });
      const token = /\/setup\/(\S+)$/.exec(made.json.invite_path)?.[1];
      const page = await probity.ask('GET', made.json.invite_path);
      assert.match(page.text, /At least 12 characters\. Below 16 characters/);
      const set = await probity.ask('POST', '/api/v1/setup', { body: { token, password } });
      assert.equal(set.status, 204, set.text);
      return probity.logIn('main', email, password);
    };

    test('each is there to be read, and members see that of their organisation', async () => {
      const { profiles, ...told } = await policy();
      assert.deepEqual(profiles, ['nist-r4', 'vwo', 'mindaclient']);
      assert.deepEqual([told.profile, told.min_length, told.rotation_days, told.history,
        told.composition_rules, told.unique_among_members, told.version],
      ['nist-r4', 15, null, 0, false, false, 1]);
      const vwo = await policy('?profile=vwo');
      assert.deepEqual([vwo.min_length, vwo.rotation_days, vwo.reminder_day, vwo.history],
        [15, 90, 83, 5]);
      const strict = await policy('?profile=mindaclient');
      assert.deepEqual([strict.min_length, strict.rotation_days, strict.reminder_day,
        strict.history, strict.composition_rules, strict.unique_among_members],
      [12, 30, 25, 24, true, true]);
      assert.ok(strict.rules.some(({ name }: any) => name === 'kinds'));
      assert.equal((await probity.ask('GET', '/api/v1/policy/password?profile=none')).status, 404);
      await choose('mindaclient');
      assert.equal((await policy('', owner)).profile, 'mindaclient');
      assert.equal((await policy()).profile, 'nist-r4', 'a stranger is told the default');
      assert.equal((await owner.must(200, 'GET', '/api/v1/tenant/settings')).json.password_profile,
        'mindaclient');
      const last = (await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=10')).json.items
        .find(({ action }: any) => action === 'settings.change');
      assert.deepEqual(last.detail, { password_profile: 2 });
      await choose('nist-r4');
      const got = await owner.ask('PATCH', '/api/v1/tenant/settings',
        { body: { password_profile: 'lax' } });
      assert.equal(got.status, 400);
      assert.equal(got.json.errors[0].field, '/password_profile');
    });

    test('the strict one wants twelve characters of four kinds, or sixteen of any', async () => {
      const who = await colleague();
      await choose('mindaclient');
      const attempt = (fresh: string) => change(who, goodPassword, fresh);
      assert.ok(rulesIn(await attempt('Kx7#mQ2!vR9')).includes('min_length'));
      for (const lacking of ['kx7#mq2!vr9z', 'KX7#MQ2!VR9Z', 'Kxw#mQz!vRpZ', 'Kx7ymQ2wvR9Z',
        'plum anvil zest'])
        assert.deepEqual(rulesIn(await attempt(lacking)), ['kinds'], lacking);
      assert.ok(rulesIn(await attempt('Password123!')).includes('common'));
      assert.equal((await attempt('Kx7#mQ2!vR9z')).status, 204);
      assert.ok(await colleague2('plum anvil zest o'), 'sixteen of any kind');
      await choose('nist-r4');
      assert.ok(rulesIn(await change(who, 'Kx7#mQ2!vR9z', 'Kx7#mQ2!vR9y')).includes('min_length'));
    });
    test('none of the last 24 comes back, and the twenty-fifth may', async () => {
      const who = await colleague();
      await choose('mindaclient');
      let current = goodPassword;
      assert.deepEqual(rulesIn(await change(who, current, current)), ['reused']);
      for (let n = 0; n < 24; ++n) {
        assert.equal((await change(who, current, phrase(n))).status, 204, `${n}`);
        current = phrase(n);
      }
      for (const used of [phrase(23), phrase(22), phrase(0)])
        assert.deepEqual(rulesIn(await change(who, current, used)), ['reused'], used);
      assert.equal((await change(who, current, phrase(24))).status, 204);
      assert.deepEqual(rulesIn(await change(who, phrase(24), phrase(1))), ['reused']);
      assert.equal((await change(who, phrase(24), phrase(0))).status, 204);
      await choose('nist-r4');
    });

    test('the milder one remembers five', async () => {
      const who = await colleague();
      await choose('vwo');
      let current = goodPassword;
      for (let n = 0; n < 5; ++n) {
        assert.equal((await change(who, current, phrase(n))).status, 204);
        current = phrase(n);
      }
      assert.deepEqual(rulesIn(await change(who, current, phrase(0))), ['reused']);
      assert.equal((await change(who, current, phrase(5))).status, 204);
      assert.equal((await change(who, phrase(5), phrase(0))).status, 204);
      await choose('nist-r4');
    });

    test('no two members have one password, also when they choose at one moment', async () => {
      await choose('mindaclient');
      const one = await colleague2(phrase(100));
      const two = await colleague2(phrase(101));
      assert.deepEqual(rulesIn(await change(two, phrase(101), phrase(100))), ['reused']);
      const all = await Promise.all([change(one, phrase(100), phrase(102)),
        change(two, phrase(101), phrase(102))]);
      assert.deepEqual(all.map(({ status }) => status).sort(), [204, 422]);
      // What somebody else had, and has no more, may be taken.
      const [first] = all;
      const [free, by, held] = first?.status === 204
        ? [phrase(100), two, phrase(101)] : [phrase(101), one, phrase(100)];
      assert.equal((await change(by, held, free)).status, 204);
      await choose('nist-r4');
      const three = await colleague();
      assert.equal((await change(three, goodPassword, phrase(102))).status, 204, 'not by default');
    });

    test('on day 25 it reminds, on day 29 it lets in, from day 30 on one form opens', async () => {
      const who = await colleague();
      await choose('mindaclient');
      assert.equal((await change(who, goodPassword, phrase(200))).status, 204);
      const begun = await nowOf(probity);
      await renewOwner();
      const token = await owner.must(201, 'POST', '/api/v1/tokens',
        { name: 'Program', scopes: ['surveys.read'] });
      const byToken = () => probity.ask('GET', '/api/v1/surveys', { bearer: token.json.token });
      const state = async () => (await inside(who, phrase(200))).me.password;
      assert.deepEqual([(await state()).reminder, (await state()).expired], [false, false]);
      await justBefore(probity, begun + 25 * day);
      assert.equal((await state()).reminder, false);
      await justAfter(probity, begun + 25 * day + 10_000);
      assert.deepEqual([(await state()).reminder, (await state()).expired], [true, false]);
      await justBefore(probity, begun + 29 * day);
      const open = await inside(who, phrase(200));
      await open.must(200, 'GET', '/api/v1/surveys');
      assert.equal((await byToken()).status, 200);
      await justAfter(probity, begun + 30 * day + 10_000);
      const late = await inside(who, phrase(200));
      assert.equal(late.me.password.expired, true);
      for (const [method, path, body] of [
        ['GET', '/api/v1/surveys'], ['GET', '/api/v1/sessions'], ['GET', '/api/v1/events'],
        ['GET', '/api/v1/me/factors'], ['POST', '/api/v1/sessions/revoke-all'],
        ['POST', '/api/v1/tokens', { name: 'n', scopes: [] }],
      ] as const) {
        const got = await late.ask(method, path, body === undefined ? {} : { body });
        assert.equal(got.status, 403, `${path}: ${got.text}`);
        assert.equal(got.json.code, 'password_expired');
      }
      assert.equal((await late.must(200, 'GET', '/api/v1/me')).json.password.expired, true);
      assert.equal((await byToken()).status, 401, 'no token outlives what a password may');
      await justAfter(probity, begun + 31 * day);
      assert.equal((await state()).expired, true);
      assert.equal((await change(who, phrase(200), phrase(202))).status, 204);
      const again = await inside(who, phrase(202));
      assert.equal(again.me.password.expired, false);
      await again.must(200, 'GET', '/api/v1/surveys');
    });

    test('a session that is open ends at the age too, and milder rules let it go on', async () => {
      await renewOwner();
      const who = await colleague2(phrase(300));
      await probity.advance(31 * 24 * 60 * 60);
      const late = await inside(who, phrase(300));
      assert.equal((await late.ask('GET', '/api/v1/surveys')).status, 403);
      // The owner's is past its age too: the rules cannot be changed before the password is.
      const shut = await inside(owner, ownerPassword);
      assert.equal((await shut.ask('PATCH', '/api/v1/tenant/settings',
        { body: { password_profile: 'vwo' } })).status, 403);
      await renewOwner();
      await choose('vwo');
      await late.must(200, 'GET', '/api/v1/surveys');
      await probity.advance(60 * 24 * 60 * 60);
      assert.equal((await inside(who, phrase(300))).me.password.expired, true);
    });

    test('a token lasts no longer than a password may', async () => {
      await renewOwner();
      await choose('mindaclient');
      const make = (expires_in_days?: number) => owner.ask('POST', '/api/v1/tokens', {
        body: { name: 'Program', scopes: ['surveys.read'],
          ...(expires_in_days === undefined ? {} : { expires_in_days }) },
      });
      assert.equal((await make(30)).status, 201);
      const long = await make(31);
      assert.equal(long.status, 422, long.text);
      assert.equal(long.json.errors[0].field, '/expires_in_days');
      assert.equal((await make()).status, 201);
      const listed = (await owner.must(200, 'GET', '/api/v1/tokens')).json.items.at(-1);
      const ends = Date.parse(listed.expires_at) - Date.parse(listed.created_at);
      assert.equal(Math.round(ends / day), 30);
    });

    test('by default a password lasts for years', async () => {
      await renewOwner();
      await choose('nist-r4');
      const who = await colleague();
      await probity.advance(800 * 24 * 60 * 60);
      const later = await inside(who, goodPassword);
      assert.deepEqual(later.me.password, { ends_at: null, reminder: false, expired: false });
      await later.must(200, 'GET', '/api/v1/surveys');
    });
  });
}
