// ASVS V2: what is checked is written down, checked on the server, in order, as a whole.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import {
  type Answer, engines, goodPassword, type Member, Probity, root, sampleQuestionnaire,
} from '../support/probity.ts';

const page = readFileSync(join(root, 'docs/request.md'), 'utf8');
const section = /## What is checked of what is sent\n([\s\S]*?)\n## Limits/.exec(page)?.[1] ?? '';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };
const hiddenOf = (text: string): [string, string][] =>
  [...text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    .map(([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')]);

/** Two pages; the first must be answered. */
const twoPages = {
  title: 'In order',
  pages: [
    { name: 'one', elements: [{ type: 'text', name: 'first', title: 'First', isRequired: true }] },
    { name: 'two', elements: [{ type: 'text', name: 'second', title: 'Second' }] },
  ],
};

describe('The bounds that are written down', () => {
  test('are those of the sources', () => {
    const sources = ['web', 'identity', 'form', 'feature/survey']
      .map((room) => readFileSync(join(root, 'src', room, 'limits.hpp'), 'utf8')).join('\n');
    const rows = [...section.matchAll(/^\| `(k_\w+)` \| (\d+)(?: (hours|days))? \|/gm)];
    assert.ok(rows.length >= 15, `${rows.length} bounds`);
    for (const [, name = '', value = '', unit] of rows) {
      const found = new RegExp(`\\b${name} =\\s*([^;]+);`).exec(sources)?.[1];
      assert.ok(found !== undefined, `${name} is no bound of the sources`);
      const [, span] = /^Span::(\w+)\(/.exec(found) ?? [];
      assert.equal(found.replaceAll(/\D/g, ''), value, name);
      assert.equal(span, unit, name);
    }
  });
});

for (const engine of engines) {
  describe(`what is checked on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    const create = (elements: unknown[], more: object = {}) =>
      owner.ask('POST', '/api/v1/surveys', { body: { title: 'T', elements, ...more } });
    const respond = (token: string, body: unknown): Promise<Answer> =>
      probity.ask('POST', `/api/v1/public/${token}/responses`, { body });
    const count = async (id: string): Promise<number> =>
      (await owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json.responses;
    const settings = async (id: string, body: unknown): Promise<Answer> => {
      const { headers } = await owner.must(200, 'GET', `/api/v1/surveys/${id}`);
      return owner.ask('PATCH', `/api/v1/surveys/${id}/settings`,
        { body, headers: { 'if-match': String(headers['etag']) } });
    };

    test('things that do not agree are refused together', async () => {
      const pairs: unknown[] = [
        { type: 'rating', name: 'a', rateMin: 5, rateMax: 1 },
        { type: 'rating', name: 'a', rateMin: 5, rateMax: 5 },
        { type: 'text', name: 'a', inputType: 'number', min: 9, max: 1 },
        { type: 'text', name: 'a', inputType: 'date', min: '2026-02-01', max: '2026-01-01' },
        { type: 'checkbox', name: 'a', choices: [1, 2], minSelectedChoices: 2,
          maxSelectedChoices: 1 },
        { type: 'text', name: 'a', visibleIf: '{nowhere} = 1' },
        { type: 'text', name: 'a', visibleIf: '{a} = 1' },
      ];
      for (const one of pairs)
        assert.equal((await create([one])).status, 400, JSON.stringify(one));
      assert.equal((await create([{ type: 'rating', name: 'a', rateMin: 1, rateMax: 5 }])).status,
        201);
      const { id, token } = await owner.survey(sampleQuestionnaire);
      for (const [from, to, status] of [
        ['2030-01-02T00:00:00Z', '2030-01-01T00:00:00Z', 400],
        ['2030-01-02T00:00:00Z', '2030-01-02T00:00:00Z', 400],
        ['2020-01-01T00:00:00Z', '2040-01-01T00:00:00Z', 200],
      ] as const) {
        const got = await settings(id, { opens_at: from, closes_at: to });
        assert.ok(status === 400 ? got.status === 400 : got.status < 300, got.text);
      }
      const other = await respond(token, { answers: { recommend: 1 }, version: 99 });
      assert.equal(other.status, 422, other.text);
    });

    test('what a page would not let through the server does not take either', async () => {
      const { id, token } = await owner.survey({
        title: 'T',
        elements: [
          { type: 'text', name: 'mail', inputType: 'email', isRequired: true, maxLength: 30 },
          { type: 'dropdown', name: 'pick', choices: ['a', 'b'] },
          { type: 'text', name: 'number', inputType: 'number', min: 1, max: 5 },
        ],
      });
      for (const answers of [{}, { mail: 'none' }, { mail: `${'x'.repeat(30)}@y.example` },
        { mail: 'a@b.example', pick: 'c' }, { mail: 'a@b.example', number: 6 },
        { mail: 'a@b.example', number: 0 }, { mail: 'a@b.example', more: 1 }]) {
        const got = await respond(token, { answers });
        assert.equal(got.status, 422, `${JSON.stringify(answers)} ${got.text}`);
      }
      const shown = await probity.ask('GET', `/s/${token}`);
      const beyond = { 'a.mail': 'a@b.example', 'a.number': '6' };
      for (const fields of [{}, { 'a.mail': 'none' }, beyond]) {
        const body = new URLSearchParams([...hiddenOf(shown.text), ...Object.entries(fields),
          ['_move', 'send']] as [string, string][]).toString();
        const got = await probity.ask('POST', `/s/${token}`, { body, headers: formType });
        assert.doesNotMatch(got.text, /rcp_/);
        assert.match(got.text, /class="errors"/);
      }
      assert.equal(await count(id), 0);
    });

    test('steps are taken in their order, and none is left out', async () => {
      // Answering, before and after it is open.
      const made = await owner.must(201, 'POST', '/api/v1/surveys', sampleQuestionnaire);
      for (const path of ['close', 'reopen'])
        assert.equal((await owner.ask('POST', `/api/v1/surveys/${made.json.id}/${path}`)).status,
          409, path);
      const { id, token } = await owner.survey(twoPages);
      const shown = await probity.ask('GET', `/s/${token}`);
      const post = (fields: [string, string][]) => probity.ask('POST', `/s/${token}`, {
        body: new URLSearchParams(fields).toString(), headers: formType,
      });
      // The last page without the first, by hidden fields of its own making.
      const hidden = hiddenOf(shown.text).filter(([name]) => name !== '_page');
      for (const carried of [[], [['_answers', '{"first":""}']], [['_answers', '{"second":"x"}']]])
        for (const at of ['1', '2', '99', '-1']) {
          const got = await post([...hidden, ...carried as [string, string][],
            ['_page', at], ['a.second', 'x'], ['_move', 'send']]);
          assert.doesNotMatch(got.text, /rcp_/, `${at} ${JSON.stringify(carried)}`);
        }
      assert.equal(await count(id), 0);
      const next = await post([...hiddenOf(shown.text), ['a.first', 'x'], ['_move', 'next']]);
      const sent = await post([...hiddenOf(next.text), ['a.second', 'y'], ['_move', 'send']]);
      assert.match(sent.text, /rcp_/, sent.text);
      await owner.must(200, 'POST', `/api/v1/surveys/${id}/close`);
      assert.equal((await respond(token, { answers: { first: 'x' } })).status, 410);
      assert.equal(await count(id), 1);
      // An account: no log-in before its link is used, and no link twice.
      const email = 'late@example.org';
      const invited = (await owner.must(201, 'POST', '/api/v1/users', { email, role: 'editor' }))
        .json.invite_path;
      const body = { tenant: 'main', email, password: goodPassword };
      assert.equal((await probity.ask('POST', '/api/v1/login', { body })).status, 401);
      const setUp = () => probity.ask('POST', '/api/v1/setup', {
        body: { token: String(invited).replace(/^.*\/setup\//, ''), password: goodPassword },
      });
      assert.equal((await setUp()).status, 204);
      assert.equal((await setUp()).status, 410);
      assert.equal((await probity.ask('POST', '/api/v1/login', { body })).status, 200);
    });

    test('the last places are not given twice', async () => {
      const { id, token } = await owner.survey(sampleQuestionnaire);
      assert.ok((await settings(id, { response_cap: 10 })).status < 300);
      const got = await Promise.all(Array.from({ length: 60 }, (_, at) =>
        respond(token, { answers: { recommend: at % 11 } })));
      const statuses = got.map((one) => one.status);
      assert.equal(statuses.filter((status) => status === 201).length, 10, statuses.join(' '));
      assert.equal(statuses.filter((status) => status === 410).length, 50, statuses.join(' '));
      assert.equal(await count(id), 10);
      assert.equal((await owner.every(`/api/v1/surveys/${id}/responses`)).length, 10);
    });
  });
}
