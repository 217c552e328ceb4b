// Who may weigh a report: only who may read single responses (docs/decisions/031).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { engines, type Member, Probity } from '../support/probity.ts';

for (const engine of engines) {
  describe(`Weighing on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;
    let id: string;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
      const made = await owner.survey({
        elements: [
          { type: 'radiogroup', name: 'dept', choices: ['a', 'b'] },
          { type: 'rating', name: 'score', rateMin: 1, rateMax: 5 },
        ],
      });
      id = made.id;
      for (let i = 0; i < 12; ++i) {
        const body = { answers: { dept: i % 2 === 0 ? 'a' : 'b', score: i === 0 ? 1 : 5 } };
        const path = `/api/v1/public/${made.token}/responses`;
        const sent = await probity.ask('POST', path, { body });
        assert.equal(sent.status, 201, sent.text);
      }
    });
    after(() => probity?.stop());

    const by = async (...scopes: string[]) => {
      const body = { name: scopes.join(), scopes };
      const made = await owner.must(201, 'POST', '/api/v1/tokens', body);
      const bearer = made.json.token;
      return (method: string, path: string, sent?: object) =>
        probity.ask(method, `/api/v1/surveys/${id}/report${path}`, { bearer, body: sent });
    };

    test('takes the right to read single responses, in every form of the report', async () => {
      const counting = await by('reports.read', 'surveys.edit');
      const reading = await by('reports.read', 'surveys.edit', 'responses.read');
      for (const form of ['', '/pictures', '/pictures/dept.svg', '.xlsx']) {
        assert.equal((await counting('GET', form)).status, 200, form);
        const refused = await counting('GET', `${form}?weight=score`);
        assert.equal(refused.status, 403, form);
        assert.match(refused.json.detail, /responses\.read/);
        assert.equal((await reading('GET', `${form}?weight=score`)).status, 200, form);
      }
    });

    test('by a link too', async () => {
      const link = { expires_in_hours: 1, weight: 'score' };
      const counting = await by('reports.read', 'surveys.edit');
      assert.equal((await counting('POST', '/links', { expires_in_hours: 1 })).status, 201);
      assert.equal((await counting('POST', '/links', link)).status, 403);
      const made = await owner.must(201, 'POST', `/api/v1/surveys/${id}/report/links`, link);
      assert.equal((await probity.ask('GET', made.json.path)).status, 200);
    });
  });
}
