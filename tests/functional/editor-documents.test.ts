// Documents of other tools go through the editor's model unharmed: it writes back what was asked.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import {
  readDraft, writeDraft,
} from '../../web/src/pages/surveys/editor/model/draft.ts';
import { Probity, sharedFolder, type Member } from '../support/probity.ts';

const folder = join(sharedFolder, 'data', 'survey-definitions', 'surveyjs');
const skip = existsSync(folder) ? false : `${folder} is not here`;

describe('Documents of other tools in the editor', { skip }, () => {
  let probity: Probity;
  let owner: Member;
  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin();
  });
  after(() => probity?.stop());

  test('read and written back they are taken, and ask what they asked', async (t) => {
    let taken = 0;
    let refused = 0;
    for (const name of readdirSync(folder).filter((one) => one.endsWith('.json'))) {
      const document = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      const made = await owner.ask('POST', '/api/v1/surveys', { body: document });
      if (made.status !== 201) {
        // What the subset has no place for is refused where it stands, never taken in part.
        assert.equal(made.status, 400, `${name}: ${made.text}`);
        assert.ok(made.json.errors?.length > 0, `${name}: ${made.text}`);
        for (const { field } of made.json.errors)
          assert.match(field, /^\//, `${name}: ${made.text}`);
        refused += 1;
        continue;
      }
      const path = `/api/v1/surveys/${made.json.id}`;
      const published = await owner.ask('POST', `${path}/publish`);
      if (published.status !== 200) {
        assert.match(published.json.detail, /asks nothing yet/, `${name}: ${published.text}`);
        refused += 1;
        continue;
      }
      taken += 1;
      const again = writeDraft(readDraft(document));
      const put = await owner.ask('PUT', path, { body: again });
      assert.equal(put.status, 200, `${name}: ${put.text}`);
      const told = (await owner.must(200, 'GET', `${path}/versions/1/differences/2`)).json;
      for (const how of ['added', 'removed', 'moved', 'changed', 'survey'] as const)
        assert.deepEqual(told[how].map((one: any) => one.words).filter(
          // A document without pages gets the one that it meant.
          (words: string) => document.pages !== undefined || !/page “page1”/.test(words),
        ), [], `${name} ${how}`);
    }
    t.diagnostic(`${taken} documents taken, ${refused} refused`);
    assert.ok(taken > 10);
  });
});
