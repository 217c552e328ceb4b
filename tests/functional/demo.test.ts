// The demonstration: lived-in at the first look, marked wherever it is seen, the same each time it
// is made, and gone with one command.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
  binary, type Engine, engines, goodPassword, type Member, Probity,
} from '../support/probity.ts';

const secondsMost = 10;
const daysOfAnswers = 28;
const statement = '/.well-known/probity-statement.json';

const tokenIn = (out: string): string => /\/setup\/(\S+)/.exec(out)?.[1] ?? '';

const demoOn = (engine: Engine): void => {
  describe(`the demonstration on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let main: Member;
    let demo: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      main = await probity.begin();
    });
    after(() => probity?.stop());

    const make = () => probity.commandAsOwner('init', '--demo');
    const surveys = async () => (await demo.must(200, 'GET', '/api/v1/surveys')).json.items;
    const limits = async () => {
      const got = await probity.ask('GET', statement);
      return got.status === 200 ? (got.json.limits as string[]).join('\n') : '';
    };

    test('is made beside a running server, in time, and prints one set-up link', async () => {
      const begun = Date.now();
      const made = make();
      assert.ok(Date.now() - begun < secondsMost * 1000, `${Date.now() - begun} ms`);
      assert.equal(made.status, 0, made.err);
      assert.match(made.out, /^https:\/\/\S+\/setup\/\S+\n$/);
      assert.match(made.err, /demonstration/);
      const tenant = { slug: 'demo', owner: 'demo@localhost', setupToken: tokenIn(made.out) };
      demo = await probity.setUp(tenant, goodPassword);
    });

    test('holds a running, a closed and a draft survey, answered in the last weeks', async () => {
      const found = (await surveys()).map((one: any) =>
        [one.mode, one.status, one.responses, one.updated_by === demo.me.user.id]);
      assert.deepEqual(found, [
        ['anonymous', 'closed', 148, true], ['confidential', 'open', 412, true],
        ['anonymous', 'draft', 0, true],
      ]);
      const { id } = (await surveys())[1];
      const now = Date.parse((await probity.ask('GET', '/api/v1/test/clock')).json.now);
      const responses = await demo.every(`/api/v1/surveys/${id}/responses`);
      assert.equal(responses.length, 412);
      for (const one of responses) {
        const age = (now - Date.parse(one.received_at)) / 86_400_000;
        assert.ok(age > 0 && age < daysOfAnswers, one.received_at);
      }
    });

    test('reports what a real survey would: neither noise nor one voice', async () => {
      const { id } = (await surveys())[1];
      const report = (await demo.must(200, 'GET', `/api/v1/surveys/${id}/report`)).json;
      const of = (name: string) => report.questions.find((one: any) => one.name === name);
      const { nps, promoters, detractors, counts } = of('recommend');
      assert.ok(nps > 0 && nps < 60, String(nps));
      assert.ok(promoters > 80 && detractors > 40, `${promoters} ${detractors}`);
      assert.ok(Object.values(counts).filter((count) => Number(count) > 0).length >= 8);
      assert.ok(of('reason').answered > 100);
      const score = async (often: string) => (await demo.must(200, 'GET',
        `/api/v1/surveys/${id}/report?filter=often%3D${often}`)).json.questions
        .find((one: any) => one.name === 'recommend').nps;
      assert.ok(await score('weekly') > await score('rarely') + 10);
    });

    test('is marked in its name and on its pages, in the language they are read in', async () => {
      const settings = (await demo.must(200, 'GET', '/api/v1/tenant/settings')).json;
      assert.match(settings.organisation_name, /Demonstration, all of it invented/);
      const { id } = (await surveys())[1];
      const { token } = (await demo.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
      const page = async (lang: string) =>
        (await probity.ask('GET', `/s/${token}?lang=${lang}`)).text;
      assert.match(await page('en'), /this library does not exist/);
      assert.match(await page('de'), /Diese Bücherei gibt es nicht/);
      assert.match(await page('fr'), /cette bibliothèque n’existe pas/);
      assert.match(await page('es'), /esta biblioteca no existe/);
      assert.match(await page('en'), /Demonstration, all of it invented/);
    });

    test('is named by the statement as what it is', async () => {
      await probity.until('the statement names it', async () =>
        /holds a demonstration: the surveys, people and answers .* invented/.test(await limits()),
        15_000);
      assert.match((await probity.ask('GET', '/security')).text, /holds a demonstration/);
      // It does not speak for the installation: evidence is the other tenant's to file.
      assert.equal((await demo.ask('GET', '/api/v1/evidence')).status, 404);
      assert.equal((await main.ask('GET', '/api/v1/evidence')).status, 200);
    });

    test('says in its audit log who made it and when', async () => {
      const entries = await demo.every('/api/v1/audit');
      const made = entries.filter((one: any) => one.action === 'response.submit');
      assert.equal(made.length, 560);
      const now = Date.parse((await probity.ask('GET', '/api/v1/test/clock')).json.now);
      for (const one of made) {
        assert.equal(one.actor, 'cli');
        assert.ok(now - Date.parse(one.at) < 3_600_000, one.at);
      }
      const checked = probity.commandOnData('verify', '--audit');
      assert.equal(checked.status, 0, checked.out + checked.err);
    });

    test('made twice it stays as it is, and nobody else can bear its mark', async () => {
      const again = make();
      assert.equal(again.status, 3);
      assert.match(again.err, /nothing was added/);
      assert.equal(again.out, '');
      assert.deepEqual((await surveys()).map((one: any) => one.responses), [148, 412, 0]);
      const other = probity.commandAsOwner('init', '--tenant', 'other', '--name', 'Other',
        '--owner', 'a@b.example', '--region', 'demonstration');
      assert.equal(other.status, 1, other.err);
      assert.match(other.err, /--demo makes it/);
    });

    test('goes with one command beside the server, and nothing else goes', async () => {
      const { id } = (await surveys())[1];
      const { token } = (await demo.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
      const own = await main.survey({ elements: [{ type: 'text', name: 'a' }] });
      const removed = probity.commandOnData('remove-demo');
      assert.equal(removed.status, 0, removed.err);
      await probity.until('its link is unknown', async () =>
        (await probity.ask('GET', `/s/${token}`)).status === 404, 15_000);
      await probity.until('the statement forgets it', async () => {
        const said = await limits();
        return said !== '' && !said.includes('demonstration');
      }, 15_000);
      assert.equal((await probity.ask('GET', `/s/${own.token}`)).status, 200);
      assert.notEqual((await demo.ask('GET', '/api/v1/surveys')).status, 200);
      const none = probity.commandOnData('remove-demo');
      assert.equal(none.status, 1);
      assert.match(none.err, /There is no demonstration/);
    });

    test('a command that was killed leaves nothing in the way of the next', async () => {
      for (const delayMs of [60, 120, 200, 350]) {
        const words = ['init', '--demo', '--data', probity.data];
        const database = probity.cluster?.urlOf('probity', 'postgres');
        if (database !== undefined) words.push('--database', database);
        const killed = spawn(binary, words, { stdio: 'ignore' });
        const ended = new Promise((done) => killed.once('close', done));
        await pause(delayMs);
        killed.kill('SIGKILL');
        await ended;
        const next = make();
        assert.ok([0, 3].includes(next.status), next.err);
        if (next.status === 0) {
          const tenant = { slug: 'demo', owner: 'demo@localhost', setupToken: tokenIn(next.out) };
          demo = await probity.setUp(tenant, goodPassword);
          assert.deepEqual((await surveys()).map((one: any) => one.responses), [148, 412, 0]);
        }
        assert.equal(probity.commandOnData('remove-demo').status, 0);
      }
      assert.equal(probity.commandOnData('verify', '--audit').status, 0);
    });
  });
};

engines.forEach(demoOn);
