// Every limit of sessions, links, keys and windows, one second before it and one second after, by
// the test clock; and everything else that ends a session.
// Apart from: form, report, picture, attest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { justAfter, justBefore, moveNear, moveTo, nowOf } from '../support/clock.ts';
import { quickOrDeep, Random } from '../support/deep.ts';
import {
  cookieOf, type Engine, engines, goodPassword, type Member, Probity, sampleAnswers,
  sampleQuestionnaire,
} from '../support/probity.ts';
import { openStream, sendInTwoParts } from '../support/stream.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const background = { 'x-probity-background': '1' };
const otherPassword = 'seven brown teapots whisper 12';

const sessionsOn = (engine: Engine): void => {
  describe(`sessions on ${engine}`, { concurrency: 1 }, () => {
    const random = new Random();
    let probity: Probity;
    let email: string;
    let serial = 0;

    before(async () => {
      probity = await Probity.start({ engine });
      email = (await probity.begin()).me.user.email;
    });
    after(() => probity?.stop());

    /** A new session of the owner; earlier ones may have ended by the clock. */
    const owner = () => probity.logIn('main', email, goodPassword);
    const member = async (by: Member, role = 'analyst') =>
      by.colleague(`member${++serial}@main.example`, role);
    const isAlive = async (who: Member) => {
      const got = await who.ask('GET', '/api/v1/me', { headers: background });
      assert.ok([200, 401].includes(got.status), got.text);
      return got.status === 200;
    };
    const session = async (who: Member) => {
      const { expires_at, idle_expires_at } = (await who.must(200, 'GET',
        '/api/v1/me')).json.session;
      return { absolute: Date.parse(expires_at), idle: Date.parse(idle_expires_at) };
    };
    const linkOf = (invited: any): string =>
      String(invited.json.invite_path).replace(/^.*\/setup\//, '');

    /**
     * A test whose first check has to arrive in the last second before a limit. On a busy machine a
     * request may take longer, so it is tried again; a limit that comes early fails thrice.
     */
    const timed = (name: string, run: () => Promise<void>) =>
      test(name, async (t) => {
        for (let attempt = 1; ; ++attempt) {
          try {
            return await run();
          } catch (failure) {
            const isLate = /one second before|past the moment/.test(String(failure));
            if (attempt === 3 || !isLate) throw failure;
            t.diagnostic(`too late at attempt ${attempt}`);
          }
        }
      });

    describe('cookies', () => {
      test('the cookie is bound to this host, to TLS and to the browser session', async () => {
        const body = { tenant: 'main', email, password: goodPassword };
        const got = await probity.ask('POST', '/api/v1/login', { body });
        const lines = [got.headers['set-cookie']].flat();
        assert.equal(lines.length, 1);
        const [pair, ...attributes] = (lines[0] ?? '').split(/; */);
        assert.match(pair ?? '', /^__Host-probity=[A-Za-z0-9_-]{86,}$/);
        const names = attributes.map((text) => text.toLowerCase());
        for (const name of ['path=/', 'secure', 'httponly']) assert.ok(names.includes(name), name);
        assert.ok(names.some((name) => /^samesite=(lax|strict)$/.test(name)), lines[0]);
        assert.ok(!names.some((name) => /^(max-age|expires|domain)/.test(name)), lines[0]);
      });

      test('a cookie with one bit changed is worth nothing', async () => {
        const who = await owner();
        const bytes = Buffer.from(who.cookie, 'base64url');
        const places = Array.from({ length: 40 }, () => random.between(0, bytes.length * 8));
        for (const at of places) {
          const spoilt = Buffer.from(bytes);
          spoilt[at >> 3] = (spoilt[at >> 3] ?? 0) ^ (1 << (at & 7));
          const got = await probity.ask('GET', '/api/v1/me',
            { cookie: spoilt.toString('base64url') });
          assert.equal(got.status, 401, `bit ${at}`);
        }
        assert.ok(await isAlive(who));
      });

      test('every log-in has an id of its own, whatever cookie it came with', async () => {
        const first = await owner();
        const body = { tenant: 'main', email, password: goodPassword };
        const again = await probity.ask('POST', '/api/v1/login', { body, cookie: first.cookie });
        assert.equal(again.status, 200, again.text);
        const second = cookieOf(again);
        assert.ok(second.length >= 86 && second !== first.cookie);
        const planted = 'B'.repeat(first.cookie.length);
        const third = await probity.ask('POST', '/api/v1/login', { body, cookie: planted });
        assert.equal(third.status, 200);
        assert.notEqual(cookieOf(third), planted);
        assert.equal((await probity.ask('GET', '/api/v1/me', { cookie: planted })).status, 401);
        const ids = (await first.must(200, 'GET', '/api/v1/sessions')).json.items.map(
          (one: any) => one.id);
        assert.equal(new Set(ids).size, ids.length);
      });

      test('what was logged out cannot be played again', async () => {
        const who = await owner();
        const { cookie, csrf } = who;
        const out = await who.must(204, 'POST', '/api/v1/logout');
        assert.equal(cookieOf(out), '');
        assert.equal(await isAlive(who), false);
        const change = await probity.ask('POST', '/api/v1/surveys', {
          cookie, csrf, body: sampleQuestionnaire,
        });
        assert.equal(change.status, 401);
      });
    });

    describe('ends by the clock', () => {
      timed('four hours without activity', async () => {
        const who = await owner();
        const { idle } = await session(who);
        assert.ok(Math.abs(idle - (await nowOf(probity)) - 4 * hour) < minute);
        await justBefore(probity, idle);
        assert.ok(await isAlive(who), 'one second before');
        await justAfter(probity, idle);
        assert.equal(await isAlive(who), false, 'one second after');
      });

      timed('activity moves the end, background requests and event streams do not', async () => {
        const who = await owner();
        const { idle } = await session(who);
        await moveTo(probity, idle - 2 * hour);
        const moved = (await session(who)).idle;
        assert.ok(moved - idle > hour, 'activity moves it');
        const stream = await openStream(who);
        assert.equal(stream.status, 200);
        await moveTo(probity, moved - hour);
        assert.ok(await isAlive(who));
        await justBefore(probity, moved);
        assert.ok(await isAlive(who), 'one second before');
        await justAfter(probity, moved);
        assert.equal(await isAlive(who), false, 'one second after');
        await Promise.race([stream.ended, pause(5000)]);
        assert.match(stream.text(), /event: end/);
        stream.close();
      });

      timed('fifteen minutes by setting, for sessions that are open already', async () => {
        const by = await owner();
        const who = await member(by);
        const settings = (session_idle_s: number) =>
          by.must(204, 'PATCH', '/api/v1/tenant/settings', { session_idle_s });
        await settings(900);
        const { idle } = await session(who);
        assert.ok(Math.abs(idle - (await nowOf(probity)) - 15 * minute) < minute);
        await justBefore(probity, idle);
        await by.must(200, 'GET', '/api/v1/me');
        assert.ok(await isAlive(who), 'one second before');
        await justAfter(probity, idle);
        assert.equal(await isAlive(who), false, 'one second after');
        await settings(14_400);
      });

      timed('seven days, however active', async () => {
        const who = await owner();
        const { absolute } = await session(who);
        assert.ok(Math.abs(absolute - (await nowOf(probity)) - 7 * day) < minute);
        const step = quickOrDeep(3, 1) * hour;
        for (let at = await nowOf(probity) + step; at < absolute - 5 * minute; at += step) {
          await moveNear(probity, at);
          const now = await session(who);
          assert.equal(now.absolute, absolute);
        }
        await justBefore(probity, absolute);
        assert.ok(await isAlive(who), 'one second before');
        await justAfter(probity, absolute);
        assert.equal(await isAlive(who), false, 'one second after');
      });

      timed('a set-up link after 72 hours', async () => {
        const by = await owner();
        const earliest = await nowOf(probity);
        const body = { email: `link${++serial}@main.example`, role: 'analyst' };
        const token = linkOf(await by.must(201, 'POST', '/api/v1/users', body));
        const latest = await nowOf(probity);
        // A refused password leaves the link alive and asks for no hash.
        const tried = async () =>
          (await probity.ask('POST', '/api/v1/setup', { body: { token, password: 'x' } }));
        const looked = async () => (await probity.ask('GET', `/setup/${token}`)).status;
        await justBefore(probity, earliest + 72 * hour);
        assert.equal(await looked(), 200, 'one second before');
        const refused = await tried();
        assert.equal(refused.json.code, 'password_refused');
        await justAfter(probity, latest + 72 * hour);
        assert.equal((await tried()).status, 410, 'one second after');
        assert.equal(await looked(), 410);
      });

      test('a set-up link works once, is not used by a look, and dies with a newer one',
        async () => {
        const by = await owner();
        const body = { email: `link${++serial}@main.example`, role: 'analyst' };
        const invited = await by.must(201, 'POST', '/api/v1/users', body);
        const first = linkOf(invited);
        const renewed = await by.must(201, 'POST', `/api/v1/users/${invited.json.id}/invite`);
        const second = linkOf(renewed);
        const redeem = (token: string) =>
          probity.ask('POST', '/api/v1/setup', { body: { token, password: goodPassword } });
        for (let i = 0; i < 3; ++i)
          assert.equal((await probity.ask('GET', `/setup/${second}`)).status, 200);
        assert.equal((await redeem(first)).status, 410);
        assert.equal((await redeem(second)).status, 204);
        assert.equal((await redeem(second)).status, 410);
      });

      timed('an API token on its day', async () => {
        const by = await owner();
        const made = await by.must(201, 'POST', '/api/v1/tokens', {
          name: 'short', scopes: ['surveys.read'], expires_in_days: 1,
        });
        const listed = (await by.must(200, 'GET', '/api/v1/tokens?limit=1000')).json.items;
        const end = Date.parse(listed.find((one: any) => one.id === made.json.id).expires_at);
        assert.ok(Math.abs(end - (await nowOf(probity)) - day) < minute);
        const use = async () =>
          (await probity.ask('GET', '/api/v1/surveys', { bearer: made.json.token })).status;
        await justBefore(probity, end);
        assert.equal(await use(), 200, 'one second before');
        await justAfter(probity, end);
        assert.equal(await use(), 401, 'one second after');
      });

      timed('an Idempotency-Key after 24 hours', async () => {
        const { token } = await (await owner()).survey(sampleQuestionnaire);
        const send = (key: string) => probity.ask('POST', `/api/v1/public/${token}/responses`, {
          body: { answers: sampleAnswers }, headers: { 'idempotency-key': key },
        });
        const earliest = await nowOf(probity);
        const known = await send('a-key');
        const latest = await nowOf(probity);
        assert.equal(known.status, 201);
        await justBefore(probity, earliest + day);
        const replayed = await send('a-key');
        assert.equal(replayed.headers['idempotency-replayed'], 'true', 'one second before');
        assert.equal(replayed.json.receipt, known.json.receipt);
        await justAfter(probity, latest + day);
        const anew = await send('a-key');
        assert.equal(anew.status, 201);
        assert.equal(anew.headers['idempotency-replayed'], undefined, 'one second after');
        assert.notEqual(anew.json.receipt, known.json.receipt);
      });

      timed('a survey opens and closes at its times', async () => {
        const by = await owner();
        const { id, token } = await by.survey(sampleQuestionnaire);
        const now = Math.ceil(await nowOf(probity) / 1000) * 1000;
        const [opens, closes] = [now + 10 * minute, now + 20 * minute];
        await by.must(200, 'PATCH', `/api/v1/surveys/${id}/settings`, {
          opens_at: new Date(opens).toISOString(), closes_at: new Date(closes).toISOString(),
        });
        const send = async () => {
          const got = await probity.ask('POST', `/api/v1/public/${token}/responses`, {
            body: { answers: sampleAnswers },
          });
          return got.status === 201 ? 'taken' : got.json.code;
        };
        await justBefore(probity, opens);
        assert.equal(await send(), 'survey_closed', 'one second before it opens');
        await justAfter(probity, opens);
        assert.equal(await send(), 'taken', 'one second after it opened');
        await justBefore(probity, closes);
        assert.equal(await send(), 'taken', 'one second before it closes');
        await justAfter(probity, closes);
        assert.equal(await send(), 'survey_closed', 'one second after it closed');
        const report = await by.must(200, 'GET', `/api/v1/surveys/${id}/report`);
        assert.equal(report.json.responses, 2);
      });
    });

    describe('ends by what somebody does', () => {
      test('also for a large body that was under way', async () => {
        const who = await owner();
        const other = await owner();
        assert.equal(await sendInTwoParts(who, async () => undefined), 201);
        const revoke = () => other.must(204, 'POST', '/api/v1/sessions/revoke-all', {});
        assert.equal(await sendInTwoParts(who, revoke), 401);
      });

      /** Runs `act`; the session of `who` and its open stream are over within a second. */
      const endsWithin = async (who: Member, act: () => Promise<unknown>) => {
        const stream = await openStream(who);
        assert.equal(stream.status, 200);
        assert.ok(await isAlive(who));
        await act();
        const since = Date.now();
        assert.equal(await isAlive(who), false, 'the next request');
        await Promise.race([stream.ended, pause(3000)]);
        const took = Date.now() - since;
        assert.match(stream.text(), /event: end/);
        assert.ok(took < 1500, `the stream ended after ${took} ms`);
        stream.close();
      };

      test('a new password', async () => {
        const by = await owner();
        const who = await member(by);
        const elsewhere = await probity.logIn('main', who.me.user.email, goodPassword);
        await endsWithin(elsewhere, () =>
          who.must(204, 'POST', '/api/v1/me/password', { current: goodPassword,
            new: otherPassword }));
        assert.equal(await isAlive(who), false, 'the own session too');
        const old = await probity.ask('POST', '/api/v1/login', {
          body: { tenant: 'main', email: who.me.user.email, password: goodPassword },
        });
        assert.equal(old.status, 401);
        await probity.logIn('main', who.me.user.email, otherPassword);
      });

      for (const [name, change] of [['disabling', { disabled: true }], ['another role',
        { role: 'editor' }]] as const) {
        test(name, async () => {
          const by = await owner();
          const who = await member(by);
          await endsWithin(who, () => by.must(204, 'PATCH', `/api/v1/users/${who.me.user.id}`,
            change));
          const body = { tenant: 'main', email: who.me.user.email, password: goodPassword };
          const again = await probity.ask('POST', '/api/v1/login', { body });
          assert.equal(again.status, name === 'disabling' ? 401 : 200, again.text);
        });
      }

      test('deleting', async () => {
        const by = await owner();
        const who = await member(by);
        await endsWithin(who, () => by.must(204, 'DELETE', `/api/v1/users/${who.me.user.id}`));
      });

      test('revoke-all, tokens only on request', async () => {
        const by = await owner();
        const made = await by.must(201, 'POST', '/api/v1/tokens', {
          name: 'kept', scopes: ['surveys.read'],
        });
        const use = async () =>
          (await probity.ask('GET', '/api/v1/surveys', { bearer: made.json.token })).status;
        const elsewhere = await owner();
        await endsWithin(elsewhere, () => by.must(204, 'POST', '/api/v1/sessions/revoke-all', {}));
        assert.equal(await isAlive(by), false, 'the own session too');
        assert.equal(await use(), 200);
        const back = await owner();
        await back.must(204, 'POST', '/api/v1/sessions/revoke-all', { tokens: true });
        assert.equal(await use(), 401);
      });
    });

    describe('accounts', () => {
      test('one address is one account, in whatever spelling, also all at once', async () => {
        const by = await owner();
        const name = `ann\u00e9e${++serial}`;
        const spell = (text: string, i: number) =>
          [...text].map((letter, at) => ((i >> at) & 1 ? letter.toUpperCase() : letter)).join('');
        const spellings = Array.from({ length: 100 }, (_, i) => {
          const local = spell(name, i);
          return `${i % 2 ? local.normalize('NFD') : local}@${i % 3 ? 'main' : 'MAIN'}.example`;
        });
        const answers = await Promise.all(spellings.map((address) =>
          by.ask('POST', '/api/v1/users', { body: { email: address, role: 'none' } })));
        const counts = new Map<number, number>();
        for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
        assert.deepEqual([...counts].sort(), [[201, 1], [409, 99]]);
        const ascii = ['bob@main.example', 'BOB@main.example', 'Bob@MAIN.EXAMPLE'];
        const statuses = [];
        for (const address of ascii)
          statuses.push((await by.ask('POST', '/api/v1/users',
            { body: { email: address } })).status);
        assert.deepEqual(statuses, [201, 409, 409]);
      });

      test('a refused password is told the rule', async () => {
        const by = await owner();
        const body = { email: `policy${++serial}@main.example`, role: 'none' };
        const token = linkOf(await by.must(201, 'POST', '/api/v1/users', body));
        const cases: [string, string][] = [
          ['min_length', 'a1B?kz9#qwLm4x'],
          ['max_length', random.word(257)],
          ['common', 'passwordpassword1'],
          ['repeated', 'abcabcabcabcabcabc'],
          ['sequential', 'abcdefghijklmnopqrst'],
          ['context', 'organisationmain1'],
        ];
        for (const [rule, password] of cases) {
          const got = await probity.ask('POST', '/api/v1/setup', { body: { token, password } });
          assert.equal(got.status, 422, `${rule}: ${got.text}`);
          assert.equal(got.json.code, 'password_refused');
          const errors = got.json.errors as { field: string; reason: string }[];
          assert.ok(errors.some((one) => one.reason.startsWith(rule)), `${rule}: ${got.text}`);
          assert.ok(errors.every((one) => one.field === '/password'));
          assert.ok(!got.text.includes(password), 'the password is not told back');
        }
        const policy = (await probity.ask('GET', '/api/v1/policy/password')).json;
        assert.equal(policy.min_length, 15);
        const set = await probity.ask('POST', '/api/v1/setup', {
          body: { token, password: goodPassword },
        });
        assert.equal(set.status, 204, set.text);
      });

      test('guessing is slowed down alike for accounts that exist and that do not', async () => {
        const by = await owner();
        const who = await member(by);
        const guess = (address: string, password: string) => probity.ask('POST', '/api/v1/login', {
          body: { tenant: 'main', email: address, password },
        });
        for (const address of [who.me.user.email, `nobody${++serial}@main.example`]) {
          const seen: number[] = [];
          let last = await guess(address, 'wrong');
          for (let i = 0; i < 12 && last.status !== 429; ++i) {
            seen.push(last.status);
            assert.equal(last.json.code, 'bad_credentials');
            last = await guess(address, 'wrong');
          }
          assert.equal(last.status, 429, address);
          assert.ok(seen.length >= 5 && seen.length <= 7, `${address}: ${seen}`);
          const wait = Number(last.headers['retry-after']);
          assert.ok(wait >= 1 && wait <= 900, `${wait}`);
          // Not even the right password gets through before the time is over.
          assert.equal((await guess(address, goodPassword)).status, 429);
          await moveTo(probity, await nowOf(probity) + (wait + 1) * 1000);
          const then = await guess(address, goodPassword);
          assert.equal(then.status, address === who.me.user.email ? 200 : 401, then.text);
        }
      });
    });
  });
};

// Most of it is waiting for the clock, so the engines wait side by side.
describe('sessions', { concurrency: true }, () => engines.forEach(sessionsOn));
