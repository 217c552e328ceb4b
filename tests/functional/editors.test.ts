// Two people edit one survey: neither overwrites the other without knowing, and the one who comes
// second gets everything a merge needs. And the preview, as a browser with a session sees it.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  type Engine, engines, type Member, Probity, sampleQuestionnaire,
} from '../support/probity.ts';

const titled = (title: string) => ({ ...sampleQuestionnaire, title });

const editorsOn = (engine: Engine): void => {
  describe(`two editors on ${engine}`, { concurrency: 1 }, () => {
    let probity: Probity;
    let ada: Member;
    let ben: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      ada = await probity.begin();
      ben = await ada.colleague('editor@main.example', 'editor');
    });
    after(() => probity?.stop());

    const draft = async () =>
      (await ada.must(201, 'POST', '/api/v1/surveys', titled('Nobody yet'))).json.id as string;
    const open = async (who: Member, id: string) => {
      const read = await who.must(200, 'GET', `/api/v1/surveys/${id}`);
      return String(read.headers['etag']);
    };
    const save = (who: Member, id: string, title: string, etag: string) =>
      who.ask('PUT', `/api/v1/surveys/${id}`, {
        body: titled(title), headers: { 'if-match': etag },
      });

    test('who saves second is told what is there, by whom and since when', async () => {
      const id = await draft();
      const [forAda, forBen] = [await open(ada, id), await open(ben, id)];
      assert.equal((await save(ben, id, 'By Ben', forBen)).status, 200);
      const refused = await save(ada, id, 'By Ada', forAda);
      assert.equal(refused.status, 412);
      assert.equal(refused.json.code, 'precondition_failed');
      const { current } = refused.json;
      assert.equal(current.questionnaire.title, 'By Ben');
      assert.equal(current.updated_by, ben.me.user.id);
      const stored = (await ada.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
      assert.deepEqual(current, { ...stored });
      // Joined by Ada and sent again, both are in.
      const joined = await save(ada, id, 'By Ben and Ada', String(refused.headers['etag']));
      assert.equal(joined.status, 200);
      assert.equal(joined.json.updated_by, ada.me.user.id);
    });

    test('of two who save in the same instant one is stored and one is told', async () => {
      for (let round = 0; round < 10; ++round) {
        const id = await draft();
        const etag = await open(ada, id);
        const both = await Promise.all([
          save(ada, id, 'By Ada', etag), save(ben, id, 'By Ben', etag),
        ]);
        assert.deepEqual(both.map((one) => one.status).sort(), [200, 412]);
        const stored = (await ada.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
        const winner = both[0]?.status === 200 ? 'By Ada' : 'By Ben';
        assert.equal(stored.questionnaire.title, winner);
      }
    });

    test('a preview goes on with the token of its own form and not without', async () => {
      const id = await draft();
      const path = `/api/v1/surveys/${id}/preview`;
      const shown = await ben.must(200, 'GET', path);
      assert.match(String(shown.headers['content-security-policy']), /frame-ancestors 'self'/);
      assert.match(String(shown.headers['content-security-policy']), /default-src 'none'/);
      assert.equal(shown.headers['x-frame-options'], 'SAMEORIGIN');
      assert.equal(shown.headers['cache-control'], 'no-store');
      const token = /name="csrf_token" value="([^"]+)"/.exec(shown.text)?.[1] ?? '';
      const send = (fields: Record<string, string>) => probity.ask('POST', path, {
        cookie: ben.cookie,
        body: new URLSearchParams({ _page: '0', _asked: '0,1,2,3', _move: 'send', ...fields })
          .toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      assert.equal((await send({})).status, 403);
      assert.equal((await send({ csrf_token: ada.csrf })).status, 403);
      const end = await send({ csrf_token: token, 'a.recommend': '9' });
      assert.equal(end.status, 200, end.text);
      assert.match(end.text, /none, as this is a preview/);
      assert.equal((await ada.must(200, 'GET', `/api/v1/surveys/${id}`)).json.responses, 0);
      assert.equal((await probity.ask('GET', path)).status, 401);
      // Nothing else of the program may be framed.
      const other = await ada.must(200, 'GET', `/api/v1/surveys/${id}`);
      assert.equal(other.headers['x-frame-options'], 'DENY');
    });
  });
};

engines.forEach(editorsOn);
