// Refusals: who may not call is told before a large body, and people are told on a page.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';

import {
  type Answer, engines, type Member, Probity, sampleQuestionnaire,
} from '../support/probity.ts';

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const declaredBytes = 50 * 1024 * 1024;

/** What a server answers to a head alone, and whether it then closes. */
const announce = (port: number, ...lines: string[]): Promise<string> =>
  new Promise((done, failed) => {
    let got = '';
    const head = ['POST /api/v1/surveys/import HTTP/1.1', 'host: localhost',
      'content-type: text/csv', `content-length: ${declaredBytes}`, ...lines];
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false };
    const socket = connect(options, () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    socket.on('data', (piece: Buffer) => { got += piece.toString('latin1'); });
    socket.on('end', () => {
      socket.destroy();
      done(got);
    });
    socket.on('error', failed);
    socket.setTimeout(10_000, () => {
      socket.destroy();
      failed(new Error(`no answer or no end: ${got}`));
    });
  });

const checkPage = (got: Answer, status: number) => {
  assert.equal(got.status, status, got.text);
  assert.match(String(got.headers['content-type']), /^text\/html/);
  assert.match(got.text, /<h1>/);
  assert.doesNotMatch(got.text, /urn:probity:problem/);
};

for (const engine of engines) {
  describe(`refusals on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    test('a large body is not asked for from somebody who may not send it', async () => {
      const analyst = await owner.colleague('analyst@example.org', 'analyst');
      const cookie = (who: Member) => `cookie: __Host-probity=${who.cookie}`;
      const cases: [number, string, string[]][] = [
        [401, 'unauthenticated', []],
        [401, 'unauthenticated', [`authorization: Bearer prb_${'A'.repeat(86)}`]],
        [403, 'csrf', [cookie(owner)]],
        [403, 'forbidden', [cookie(analyst), `x-csrf-token: ${analyst.csrf}`]],
      ];
      for (const [status, code, lines] of cases) {
        const got = await announce(probity.port, ...lines);
        assert.match(got, new RegExp(`^HTTP/1\\.1 ${status} `), code);
        assert.match(got, /connection: close/i);
        assert.match(got, new RegExp(`"code":"${code}"`));
      }
      const log = await owner.every('/api/v1/audit');
      const refused = log.filter((entry) => entry.action === 'access.refused');
      assert.deepEqual(refused.map((entry) => entry.outcome).sort(),
        ['refused:csrf', 'refused:forbidden']);
    });

    test('an unknown address is a page for browsers and a problem for programs', async () => {
      const page = await probity.ask('GET', '/no/such/place', { headers: { accept: browser } });
      checkPage(page, 404);
      assert.match(page.text, new RegExp(String(page.headers['x-request-id'])));
      assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
      for (const accept of ['*/*', 'application/json']) {
        const problem = await probity.ask('GET', '/no/such/place', { headers: { accept } });
        assert.equal(problem.status, 404);
        assert.match(String(problem.headers['content-type']), /^application\/problem\+json/);
        assert.equal(problem.json.code, 'not_found');
      }
      checkPage(await probity.ask('GET', `/s/${'A'.repeat(43)}`), 404);
      checkPage(await probity.ask('GET', '/setup/nothing', { headers: { accept: browser } }), 404);
    });

    test('answers that cannot be stored are told on a page', { skip: engine !== 'postgres' &&
      'only PostgreSQL lets a test take away the right to write' }, async () => {
      const { token } = await owner.survey(sampleQuestionnaire);
      const path = `/s/${token}`;
      const shown = await probity.ask('GET', path, { headers: { accept: browser } });
      const hidden = [...shown.text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
        .map(([, name = '', value = '']) => `${encodeURIComponent(name)}=${
          encodeURIComponent(value.replaceAll('&quot;', '"'))}`);
      const body = [...hidden, 'a.recommend=7', '_move=send'].join('&');
      const post = () => probity.ask('POST', path, {
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: browser,
          'accept-language': 'de' },
      });
      const rule = 'ON probity.survey_response';
      probity.cluster?.run(`REVOKE INSERT ${rule} FROM probity_app`, 'probity');
      const failed = await post();
      checkPage(failed, 503);
      assert.match(failed.text, /not certain that your answers are stored.*they count once/);
      probity.cluster?.run(`GRANT INSERT ${rule} TO probity_app`, 'probity');
      const stored = await post();
      checkPage(stored, 200);
      assert.match(stored.text, /rcp_/);
    });
  });
}
