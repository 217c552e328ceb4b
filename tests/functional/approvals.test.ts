// What two people decide (docs/for-administrators.md, ASVS 2.3.5): nothing that cannot be taken
// back is done by one alone, whoever they are and whichever way they try.
// Apart from: picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { justAfter, justBefore, moveNear, nowOf } from '../support/clock.ts';
import {
  type Answer, engines, goodPassword, type Member, Probity, sampleAnswers, sampleQuestionnaire,
} from '../support/probity.ts';

const hour = 3_600_000;
const day = 24 * hour;

for (const engine of engines) {
  describe(`what two people decide on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let tenant: string;
    let ownerEmail: string;
    /** Two owners and an editor. */
    let ada: Member;
    let dan: Member;
    let ben: Member;
    const emails = { dan: 'dan@main.example', ben: 'ben@main.example' };

    /** Sessions do not outlive the clock's way. */
    const logInAgain = async () => {
      ada = await probity.logIn(tenant, ownerEmail, goodPassword);
      dan = await probity.logIn(tenant, emails.dan, goodPassword);
      ben = await probity.logIn(tenant, emails.ben, goodPassword);
    };
    const moveBy = async (span: number) => {
      await moveNear(probity, await nowOf(probity) + span);
      await logInAgain();
    };

    before(async () => {
      probity = await Probity.start({ engine });
      ada = await probity.begin();
      tenant = ada.me.tenant;
      ownerEmail = ada.me.user.email;
      await ada.colleague(emails.dan, 'owner');
      await ada.colleague(emails.ben, 'editor');
      await moveBy(25 * hour);
      await ada.must(204, 'PATCH', '/api/v1/tenant/settings', { approval_required: true });
    });
    after(() => probity?.stop());

    const answered = async (responses = 1) => {
      const survey = await ada.survey(sampleQuestionnaire);
      for (let i = 0; i < responses; ++i) {
        const sent = await probity.ask('POST', `/api/v1/public/${survey.token}/responses`,
          { body: { answers: sampleAnswers } });
        assert.equal(sent.status, 201, sent.text);
      }
      return survey;
    };
    const path = (asked: { id: string }) => `/api/v1/approvals/${asked.id}`;
    const asking = async (who: Member, method: string, of: string, body?: unknown) =>
      (await who.must(202, method, of, body)).json.approval;
    const approve = (who: Member, asked: { id: string }): Promise<Answer> =>
      who.ask('POST', `${path(asked)}/approve`);
    const deletion = async () => {
      const { id } = await answered();
      return { id, asked: await asking(ben, 'DELETE', `/api/v1/surveys/${id}`) };
    };
    const open = async (who: Member) =>
      (await who.must(200, 'GET', '/api/v1/approvals?state=open&limit=1000')).json.items;

    test('a survey is deleted when another approves, and is all there until then', async () => {
      const { id, asked } = await deletion();
      assert.equal(asked.action, 'survey.delete');
      assert.equal(asked.object, id);
      assert.equal(asked.state, 'open');
      assert.equal(asked.asked_by, ben.me.user.id);
      assert.equal(asked.is_own, true);
      assert.equal((await ada.must(200, 'GET', `/api/v1/surveys/${id}`)).json.responses, 1);
      const waiting = (await open(dan)).find((one: any) => one.id === asked.id);
      assert.equal(waiting.is_own, false);
      const done = await approve(dan, asked);
      assert.equal(done.status, 200, done.text);
      assert.equal(done.json.approval.state, 'approved');
      assert.equal(done.json.approval.decided_by, dan.me.user.id);
      await ada.must(404, 'GET', `/api/v1/surveys/${id}`);
      assert.equal((await approve(ada, asked)).status, 409, 'decided once');
    });

    test('both stand in the audit log: who asked, and who approved', async () => {
      const { id, asked } = await deletion();
      assert.equal((await approve(dan, asked)).status, 200);
      const entries = await ada.every('/api/v1/audit');
      const of = (action: string, object: string) =>
        entries.find((one) => one.action === action && one.object === object);
      assert.equal(of('approval.ask', asked.id).actor, ben.me.user.id);
      assert.equal(of('approval.give', asked.id).actor, dan.me.user.id);
      assert.equal(of('approval.give', asked.id).outcome, 'done');
      assert.equal(of('survey.delete', id).actor, dan.me.user.id);
    });

    test('nobody approves what they asked for, by session or by token', async () => {
      const { id } = await answered();
      const made = await ada.must(201, 'POST', '/api/v1/tokens',
        { name: 'deletes', scopes: ['surveys.read', 'surveys.edit'] });
      const bearer = { headers: { authorization: `Bearer ${made.json.token}` } };
      const asked = (await probity.ask('DELETE', `/api/v1/surveys/${id}`, bearer)).json.approval;
      assert.equal(asked.asked_by, ada.me.user.id, 'a token asks for its maker');
      const own = await approve(ada, asked);
      assert.equal(own.status, 403);
      assert.match(own.json.detail, /Somebody else/);
      const byToken = await probity.ask('POST', `${path(asked)}/approve`, bearer);
      assert.equal(byToken.status, 403);
      await ada.must(200, 'GET', `/api/v1/surveys/${id}`);
      const refused = (await ada.every('/api/v1/audit')).find((one) =>
        one.action === 'approval.give' && one.object === asked.id);
      assert.equal(refused.outcome, 'refused:forbidden');
    });

    test('whoever may not do it neither sees nor approves it', async () => {
      const { asked } = await deletion();
      const analyst = await ada.colleague(`analyst-${engine}@main.example`, 'analyst');
      assert.deepEqual(await open(analyst), []);
      await analyst.must(404, 'GET', path(asked));
      await analyst.must(404, 'POST', `${path(asked)}/approve`);
      const all = await asking(ada, 'POST', '/api/v1/export');
      await ben.must(404, 'POST', `${path(all)}/approve`);
      await ada.must(200, 'POST', `${path(all)}/refuse`);
    });

    test('who joined, was given a role or a password within a day does not approve', async () => {
      const { id, asked } = await deletion();
      const email = `late-${engine}@main.example`;
      const invited = await ada.colleague(email, 'analyst');
      const made = await nowOf(probity);
      await moveNear(probity, made + 23 * hour);
      await logInAgain();
      await ada.must(204, 'PATCH', `/api/v1/users/${invited.me.user.id}`, { role: 'editor' });
      const changed = await nowOf(probity);
      const late = await probity.logIn(tenant, email, goodPassword);
      const refused = await approve(late, asked);
      assert.equal(refused.status, 403);
      assert.match(refused.json.detail, /24 hours ago: you can decide from/);
      const from = Date.parse(/from (\S+) on/.exec(refused.json.detail)?.[1] ?? '');
      assert.ok(Math.abs(from - changed - day) < 10_000, refused.json.detail);
      await moveNear(probity, from - 120_000);
      const again = await probity.logIn(tenant, email, goodPassword);
      await justBefore(probity, from);
      assert.equal((await approve(again, asked)).status, 403, 'a second before');
      await justAfter(probity, from);
      assert.equal((await approve(again, asked)).status, 200, 'a second after');
      await logInAgain();
      await ada.must(404, 'GET', `/api/v1/surveys/${id}`);
    });

    test('where nothing is lost, nobody is asked', async () => {
      const draft = await ada.must(201, 'POST', '/api/v1/surveys', sampleQuestionnaire);
      const settings = `/api/v1/surveys/${draft.json.id}/settings`;
      await ada.must(200, 'PATCH', settings, { retention_days: 30, response_cap: 5 });
      await ada.must(204, 'DELETE', `/api/v1/surveys/${draft.json.id}`);
      const { id } = await ada.survey(sampleQuestionnaire);
      await ada.must(204, 'DELETE', `/api/v1/surveys/${id}`);
    });

    test('what a published survey is about to get is not lost by one either', async () => {
      const { id } = await ada.survey(sampleQuestionnaire);
      const asked = await asking(ben, 'PATCH', `/api/v1/surveys/${id}/settings`,
        { retention_days: 1 });
      await ada.must(200, 'POST', `${path(asked)}/refuse`);
      await ada.must(204, 'DELETE', `/api/v1/surveys/${id}`);
    });

    test('who answers while it is deleted keeps the survey, or is told it is gone', async () => {
      for (let round = 0; round < 12; ++round) {
        const { id, token } = await ada.survey(sampleQuestionnaire);
        const send = () => probity.ask('POST', `/api/v1/public/${token}/responses`,
          { body: { answers: sampleAnswers } });
        const [deleted, ...sent] = await Promise.all(
          [ada.ask('DELETE', `/api/v1/surveys/${id}`), ...Array.from({ length: 8 }, send)]);
        assert.ok([202, 204, 409].includes(deleted.status), deleted.text);
        if (deleted.status === 204)
          assert.deepEqual(sent.filter((one) => one.status === 201), [], 'responses are lost');
        else await ada.must(200, 'GET', `/api/v1/surveys/${id}`);
      }
      for (const waiting of await open(ada))
        await dan.must(200, 'POST', `${path(waiting)}/refuse`);
    });

    test('one response is erased by two', async () => {
      const { id } = await answered(2);
      const read = await ada.must(200, 'GET', `/api/v1/surveys/${id}/responses`);
      const [gone, kept] = read.json.items;
      const asked = await asking(ada, 'DELETE', `/api/v1/surveys/${id}/responses/${gone.id}`);
      assert.equal(asked.object, `${id}/${gone.id}`);
      const left = async () => (await ada.must(200, 'GET', `/api/v1/surveys/${id}/responses`))
        .json.items.map((one: any) => one.id);
      assert.equal((await left()).length, 2);
      const { id: other } = await answered();
      await ada.must(404, 'DELETE', `/api/v1/surveys/${other}/responses/${gone.id}`);
      await dan.must(200, 'POST', `${path(asked)}/approve`);
      assert.deepEqual(await left(), [kept.id]);
    });

    test('responses are kept shorter by two, longer by one', async () => {
      const { id } = await answered();
      const settings = `/api/v1/surveys/${id}/settings`;
      const days = async () =>
        (await ada.must(200, 'GET', `/api/v1/surveys/${id}`)).json.retention_days;
      const first = await asking(ben, 'PATCH', settings, { retention_days: 30 });
      assert.equal(first.number, 30);
      assert.equal(await days(), null);
      await ben.must(409, 'PATCH', settings, { retention_days: 20 });
      await dan.must(200, 'POST', `${path(first)}/approve`);
      assert.equal(await days(), 30);
      await ben.must(200, 'PATCH', settings, { retention_days: 31 });
      await ben.must(200, 'PATCH', settings, { retention_days: 31 });
      const mixed = await ben.ask('PATCH', settings,
        { body: { retention_days: 30, response_cap: 9 } });
      assert.equal(mixed.status, 409);
      assert.equal(mixed.json.errors[0].field, '/retention_days');
      await asking(ben, 'PATCH', settings, { retention_days: 30 });
      await ben.must(200, 'PATCH', settings, { retention_days: null });
      assert.equal(await days(), null);
    });

    test('everything is taken out by two', async () => {
      const asked = await asking(ada, 'POST', '/api/v1/export');
      const archive = `/api/v1/export/${asked.object}/archive`;
      await ada.must(404, 'GET', archive);
      await dan.must(200, 'POST', `${path(asked)}/approve`);
      const taken = await ada.must(200, 'GET', archive);
      assert.equal(taken.headers['content-type'], 'application/gzip');
    });

    test('what one asked for alone is not taken out once two decide', async () => {
      const other = await Probity.start({ engine });
      try {
        const owner = await other.begin();
        const job = (await owner.must(202, 'POST', '/api/v1/export')).json.job.id;
        await owner.must(200, 'GET', `/api/v1/export/${job}/archive`);
        const settings = '/api/v1/tenant/settings';
        await owner.must(204, 'PATCH', settings, { approval_required: true });
        await owner.must(409, 'GET', `/api/v1/export/${job}/archive`);
      } finally {
        await other.stop();
      }
    });

    test('nobody ends the rule in the instant it begins', async () => {
      const other = await Probity.start({ engine });
      try {
        const owner = await other.begin();
        const turn = (approval_required: boolean) =>
          owner.ask('PATCH', '/api/v1/tenant/settings', { body: { approval_required } });
        for (let round = 0; round < 10; ++round) {
          const off = Array.from({ length: 4 }, () => turn(false));
          const [on, ...ended] = await Promise.all([turn(true), ...off]);
          assert.ok([204, 409, 412].includes(on.status), on.text);
          assert.ok(ended.every(({ status }) => [202, 204, 409, 412].includes(status)));
          const now = (await owner.must(200, 'GET', '/api/v1/tenant/settings')).json;
          if (on.status === 204) assert.equal(now.approval_required, true, `round ${round}`);
          if (now.approval_required) return;
        }
        assert.fail('it never began');
      } finally {
        await other.stop();
      }
    });

    test('the same wish is the same request; its asker withdraws it', async () => {
      const { id, asked } = await deletion();
      const again = await asking(ada, 'DELETE', `/api/v1/surveys/${id}`);
      assert.equal(again.id, asked.id);
      assert.equal(again.is_own, false);
      const withdrawn = await ben.must(200, 'POST', `${path(asked)}/refuse`);
      assert.equal(withdrawn.json.approval.state, 'withdrawn');
      assert.equal((await approve(dan, asked)).status, 409);
      const anew = await asking(ada, 'DELETE', `/api/v1/surveys/${id}`);
      assert.notEqual(anew.id, asked.id);
      const refused = await dan.must(200, 'POST', `${path(anew)}/refuse`);
      assert.equal(refused.json.approval.state, 'refused');
      await ada.must(200, 'GET', `/api/v1/surveys/${id}`);
    });

    test('of two who approve in the same instant one does', async () => {
      for (let round = 0; round < 5; ++round) {
        const { asked } = await deletion();
        const both = await Promise.all([approve(ada, asked), approve(dan, asked)]);
        assert.deepEqual(both.map((one) => one.status).sort(), [200, 409]);
      }
    });

    test('what is gone, or whose asker may not do it any more, is not approved', async () => {
      const { id } = await answered();
      const read = await ada.must(200, 'GET', `/api/v1/surveys/${id}/responses`);
      const one = `/api/v1/surveys/${id}/responses/${read.json.items[0].id}`;
      const erasure = await asking(ada, 'DELETE', one);
      const whole = await asking(ada, 'DELETE', `/api/v1/surveys/${id}`);
      await dan.must(200, 'POST', `${path(whole)}/approve`);
      const late = await approve(dan, erasure);
      assert.equal(late.status, 409);
      assert.match(late.json.detail, /is gone/);
      const { asked } = await deletion();
      await ada.must(204, 'PATCH', `/api/v1/users/${ben.me.user.id}`, { role: 'analyst' });
      const powerless = await approve(dan, asked);
      assert.equal(powerless.status, 409);
      assert.match(powerless.json.detail, /may not do it any more/);
      await ada.must(204, 'PATCH', `/api/v1/users/${ben.me.user.id}`, { role: 'editor' });
      await moveBy(25 * hour);
    });

    test('twenty of one member wait, a hundred in all, and not one more', async () => {
      const refuseAll = async () => {
        for (const waiting of await open(ada))
          await (waiting.is_own ? dan : ada).must(200, 'POST', `${path(waiting)}/refuse`);
      };
      await refuseAll();
      const { id } = await answered(102);
      const read = await ada.must(200, 'GET', `/api/v1/surveys/${id}/responses?limit=1000`);
      const ids: string[] = read.json.items.map((item: any) => item.id);
      const erase = (who: Member) =>
        who.ask('DELETE', `/api/v1/surveys/${id}/responses/${ids.shift() ?? ''}`);
      const [first = ''] = ids;
      const owners = [ada, dan];
      for (const name of ['c', 'd', 'e', 'f'])
        owners.push(await ada.colleague(`owner-${name}-${engine}@main.example`, 'owner'));
      for (const owner of owners.slice(0, 5)) {
        for (let n = 0; n < 20; ++n) assert.equal((await erase(owner)).status, 202, `${n}`);
        if (owner !== ada) continue;
        const over = await ada.ask('DELETE', `/api/v1/surveys/${id}/responses/${ids[0]}`);
        assert.equal(over.status, 409);
        assert.match(over.json.detail, /20 of your requests wait/);
        const again = await ada.ask('DELETE', `/api/v1/surveys/${id}/responses/${first}`);
        assert.equal(again.status, 202, 'the same again is not one more');
      }
      const last = owners[5] ?? dan;
      const full = await erase(last);
      assert.equal(full.status, 409);
      assert.match(full.json.detail, /100 requests wait/);
      const refused = (await ada.every('/api/v1/audit')).filter((one) =>
        one.action === 'approval.ask' && one.outcome === 'refused:conflict');
      assert.ok(refused.some((one) => one.actor === last.me.user.id), 'it is on record');
      await refuseAll();
    });

    test('nobody asks for more than a hundred things a day', async () => {
      const { id } = await answered();
      const late = await ada.colleague(`busy-${engine}@main.example`, 'editor');
      const ask = () => late.ask('DELETE', `/api/v1/surveys/${id}`);
      for (let n = 0; n < 100; ++n) {
        const asked = await ask();
        assert.equal(asked.status, 202, asked.text);
        await late.must(200, 'POST', `${path(asked.json.approval)}/refuse`);
      }
      const over = await ask();
      assert.equal(over.status, 409);
      assert.match(over.json.detail, /100 things within 24 hours/);
      await moveBy(24 * hour + 1000);
      const next = await probity.logIn(tenant, late.me.user.email, goodPassword);
      const asked = await asking(next, 'DELETE', `/api/v1/surveys/${id}`);
      await next.must(200, 'POST', `${path(asked)}/refuse`);
    });

    test('lists begin with the newest, and do not tell of what is hidden', async () => {
      const { asked } = await deletion();
      const all = await asking(ada, 'POST', '/api/v1/export');
      const { asked: later } = await deletion();
      const ids = (await open(ada)).map((one: any) => one.id);
      assert.deepEqual(ids, [later.id, all.id, asked.id]);
      const page = async (who: Member, from: string) =>
        (await who.must(200, 'GET', `/api/v1/approvals?state=open&limit=1${from}`)).json;
      const one = await page(ben, '');
      assert.deepEqual([one.items[0].id, one.next], [later.id, later.id]);
      const two = await page(ben, `&after=${one.next}`);
      assert.deepEqual([two.items[0].id, two.next], [asked.id, null]);
      const auditor = await ada.colleague(`auditor-${engine}@main.example`, 'auditor');
      assert.deepEqual(await page(auditor, ''), { items: [], next: null });
      for (const own of [asked, later]) await ben.must(200, 'POST', `${path(own)}/refuse`);
      await ada.must(200, 'POST', `${path(all)}/refuse`);
    });

    test('who asks is told to people who decide, not to tokens that read no members', async () => {
      const { asked } = await deletion();
      const email = (got: Answer) => got.json.approval.asked_by_email;
      assert.equal(email(await dan.must(200, 'GET', path(asked))), emails.ben);
      for (const [scopes, seen] of [
        [['surveys.read', 'surveys.edit'], undefined],
        [['surveys.read', 'surveys.edit', 'users.read'], emails.ben],
      ] as const) {
        const { token } = (await ada.must(201, 'POST', '/api/v1/tokens',
          { name: 'reads', scopes })).json;
        const headers = { authorization: `Bearer ${token}` };
        assert.equal(email(await probity.ask('GET', path(asked), { headers })), seen);
      }
      await ben.must(200, 'POST', `${path(asked)}/refuse`);
      const [withdrawn] = (await ada.every('/api/v1/audit'))
        .filter((one) => one.object === asked.id).reverse();
      assert.equal(withdrawn.action, 'approval.withdraw');
    });

    test('a request expires after seven days and is forgotten thirty days later', async () => {
      const { id, asked } = await deletion();
      const expiry = Date.parse(asked.expires_at);
      assert.equal(expiry - Date.parse(asked.asked_at), 7 * day);
      await moveNear(probity, expiry - 120_000);
      await logInAgain();
      await justBefore(probity, expiry);
      assert.equal((await dan.must(200, 'GET', path(asked))).json.approval.state, 'open');
      await justAfter(probity, expiry);
      assert.equal((await dan.must(200, 'GET', path(asked))).json.approval.state, 'expired');
      assert.equal((await approve(dan, asked)).status, 409);
      assert.deepEqual(await open(dan), []);
      await ada.must(200, 'GET', `/api/v1/surveys/${id}`);
      await moveBy(29 * day);
      assert.equal((await dan.must(200, 'GET', path(asked))).json.approval.state, 'expired');
      await moveBy(3 * day);
      await dan.must(404, 'GET', path(asked));
    });

    test('that two decide is ended by two, and by nothing else', async () => {
      const settings = '/api/v1/tenant/settings';
      const isOn = async () => (await ada.must(200, 'GET', settings)).json.approval_required;
      const mixed = await ada.ask('PATCH', settings,
        { body: { approval_required: false, group_size_min: 6 } });
      assert.equal(mixed.status, 409);
      assert.equal(mixed.json.errors[0].field, '/approval_required');
      const asked = await asking(ada, 'PATCH', settings, { approval_required: false });
      assert.equal(await isOn(), true);
      await ada.must(204, 'PATCH', settings, { approval_required: true, group_size_min: 6 });
      await dan.must(200, 'POST', `${path(asked)}/approve`);
      assert.equal(await isOn(), false);
      await ada.must(204, 'PATCH', settings, { approval_required: false });
      const { id } = await answered();
      await ada.must(204, 'DELETE', `/api/v1/surveys/${id}`);
    });
  });
}
