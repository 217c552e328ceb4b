// The thinnest whole path: set-up, log-in, survey, response, report, log-out, on both engines.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  engines, goodPassword, sampleAnswers, sampleQuestionnaire, type Member, Probity,
} from '../support/probity.ts';

for (const engine of engines) {
  describe(`story on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    test('the set-up link works once', async () => {
      const again = await probity.ask('POST', '/api/v1/setup', {
        body: { token: 'x'.repeat(64), password: goodPassword },
      });
      assert.ok([404, 410].includes(again.status), again.text);
      assert.equal(owner.me.user.role, 'owner');
    });

    test('a response is received, listed and counted', async () => {
      const { id, token } = await owner.survey(sampleQuestionnaire);
      const sent = await probity.ask('POST', `/api/v1/public/${token}/responses`, {
        body: { answers: sampleAnswers },
      });
      assert.equal(sent.status, 201, sent.text);
      assert.ok(sent.json.receipt.length > 20);

      const listed = await owner.must(200, 'GET', `/api/v1/surveys/${id}/responses`);
      assert.equal(listed.json.items.length, 1);
      assert.deepEqual(listed.json.items[0].answers, sampleAnswers);
      assert.equal(listed.json.next, null);

      const report = (await owner.must(200, 'GET', `/api/v1/surveys/${id}/report`)).json;
      assert.equal(report.responses, 1);
      const of = (name: string) => report.questions.find((q: any) => q.name === name);
      assert.deepEqual(of('contact').counts, { 'In person': 0, Remotely: 1, Both: 0 });
      assert.deepEqual(of('liked').counts, { Advice: 1, Speed: 1, Price: 0 });
      assert.equal(of('recommend').mean, 9);
      assert.equal(of('words').answered, 1);
    });

    test('the same key gives the same receipt, another body is refused', async () => {
      const { id, token } = await owner.survey(sampleQuestionnaire);
      const send = (answers: unknown) =>
        probity.ask('POST', `/api/v1/public/${token}/responses`, {
          body: { answers }, headers: { 'idempotency-key': 'visit-1' },
        });
      const first = await send(sampleAnswers);
      const second = await send(sampleAnswers);
      const other = await send({ ...sampleAnswers, recommend: 1 });
      assert.equal(first.status, 201, first.text);
      assert.equal(second.status, 201);
      assert.equal(second.json.receipt, first.json.receipt);
      assert.equal(second.headers['idempotency-replayed'], 'true');
      assert.equal(first.headers['idempotency-replayed'], undefined);
      assert.equal(other.status, 422);
      assert.equal(other.json.code, 'idempotency_key_reused');
      const report = await owner.must(200, 'GET', `/api/v1/surveys/${id}/report`);
      assert.equal(report.json.responses, 1);
    });

    test('the public page works without JavaScript', async () => {
      const { token } = await owner.survey(sampleQuestionnaire);
      const page = await probity.ask('GET', `/s/${token}`);
      assert.equal(page.status, 200);
      assert.match(page.text, /How was the project\?/);
      assert.doesNotMatch(page.text, /<script(?![^>]* src=)/);
    });

    test('nothing is open without a session', async () => {
      for (const path of ['/api/v1/me', '/api/v1/surveys', '/api/v1/users', '/api/v1/audit']) {
        const got = await probity.ask('GET', path);
        assert.equal(got.status, 401, path);
        assert.equal(got.json.code, 'unauthenticated');
      }
    });

    test('a change without its CSRF token is refused', async () => {
      const got = await probity.ask('POST', '/api/v1/surveys', {
        cookie: owner.cookie, body: sampleQuestionnaire,
      });
      assert.equal(got.status, 403);
      assert.equal(got.json.code, 'csrf');
    });

    test('after log-out the cookie is worth nothing', async () => {
      const guest = await probity.logIn('main', owner.me.user.email, goodPassword);
      await guest.must(204, 'POST', '/api/v1/logout');
      assert.equal((await guest.ask('GET', '/api/v1/me')).status, 401);
      assert.equal((await owner.ask('GET', '/api/v1/me')).status, 200);
    });

    test('the statement is public and says that this is test mode', async () => {
      const got = await probity.ask('GET', '/.well-known/probity-statement.json');
      assert.equal(got.status, 200, got.text);
      assert.equal(got.json.test_mode, true);
      assert.equal(got.json.signature.alg, 'Ed25519');
    });

    test('the audit chain is intact', async () => {
      const said = probity.commandOnData('verify', '--audit');
      assert.equal(said.status, 0, said.out + said.err);
      assert.match(said.out, /main: \d+ entries, intact/);
    });
  });
}
