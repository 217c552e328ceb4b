// Real surveys with known answers: imported, and submitted one by one, on both engines.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { engines, type Member, Probity, sharedFolder } from '../support/probity.ts';

const truthFile = join(sharedFolder, 'data', 'TRUTH.md');
const isThere = existsSync(truthFile);
const skip = !isThere && 'the data sets are not beside the checkout';

interface Fact {
  readonly title: string;
  readonly answered: number;
  readonly blank: number;
  readonly counts: Record<string, number>;
}

interface Truth {
  readonly rows: number;
  readonly facts: Fact[];
}

/** The facts about single columns of one file, as the truth file words them. */
const truthOf = (file: string): Truth => {
  const lines = readFileSync(truthFile, 'utf8').split('\n');
  const begin = lines.findIndex((line) => line === `### ${file}`);
  assert.ok(begin >= 0, file);
  const facts: Fact[] = [];
  let rows = 0;
  for (const line of lines.slice(begin + 1)) {
    if (line.startsWith('###')) break;
    rows = Number(/respondent rows: (\d+)/.exec(line)?.[1] ?? rows);
    const found = /^- Q col \d+ "(.*)": answered (\d+), blank (\d+); (.*)$/.exec(line);
    if (found === null) continue;
    const [, title = '', answered, blank, listed = ''] = found;
    const counts: Record<string, number> = {};
    for (const one of listed.matchAll(/`([^`]*)`=(\d+)/g))
      if (one[1] !== '(blank)') counts[one[1] ?? ''] = Number(one[2]);
    facts.push({ title, answered: Number(answered), blank: Number(blank), counts });
  }
  return { rows, facts };
};

const sets = [
  { folder: 'star-wars', file: 'StarWars.csv.gz', query: 'header_rows=2', atLeast: 6 },
  { folder: 'comma', file: 'comma-survey.csv.gz', query: '', atLeast: 5 },
  { folder: 'weather-check', file: 'weather-check.csv.gz', query: '', atLeast: 5 },
];

const packed = (folder: string, file: string): Buffer =>
  readFileSync(join(sharedFolder, 'data', 'surveys', folder, file));

const importOf = (owner: Member, body: Buffer, query: string, isPacked: boolean) => {
  const headers: Record<string, string> = { 'content-type': 'text/csv' };
  if (isPacked) headers['content-encoding'] = 'gzip';
  return owner.probity.ask('POST', `/api/v1/surveys/import?${query}`, {
    cookie: owner.cookie, csrf: owner.csrf, headers, body: body as any,
  });
};

const reportOf = async (owner: Member, id: string): Promise<any> =>
  (await owner.must(200, 'GET', `/api/v1/surveys/${id}/report`)).json;

for (const engine of engines) {
  describe(`real surveys on ${engine}`, { skip }, () => {
    let probity: Probity;
    let owner: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    for (const { folder, file, query, atLeast } of sets) {
      test(`${folder}: the report is the known truth`, async (t) => {
        const truth = truthOf(`${folder}/${file}`);
        assert.ok(truth.facts.length >= atLeast, `${truth.facts.length} facts`);
        const got = await importOf(owner, packed(folder, file), `title=${folder}&${query}`, true);
        assert.equal(got.status, 201, got.text);
        assert.equal(got.json.imported, truth.rows);
        assert.deepEqual(got.json.refused, []);
        const report = await reportOf(owner, got.json.survey.id);
        assert.equal(report.responses, truth.rows);
        for (const fact of truth.facts) {
          const question = report.questions.find((one: any) => one.title === fact.title);
          assert.ok(question !== undefined, fact.title);
          assert.equal(question.answered, fact.answered, fact.title);
          assert.equal(question.blank, fact.blank, fact.title);
          assert.deepEqual(question.counts, fact.counts, fact.title);
        }
        t.diagnostic(`${truth.facts.length} facts about ${truth.rows} responses hold`);
      });
    }

    test('a dry run stores nothing and says the same', async () => {
      const count = async () =>
        (await owner.must(200, 'GET', '/api/v1/surveys?limit=1000')).json.items.length;
      const before = await count();
      const bytes = packed('comma', 'comma-survey.csv.gz');
      const dry = await importOf(owner, bytes, 'title=dry&dry_run=true', true);
      assert.equal(dry.status, 200, dry.text);
      assert.equal(dry.json.imported, 1129);
      assert.equal(await count(), before);
    });

    test('packed and plain give the same', async () => {
      const bytes = packed('weather-check', 'weather-check.csv.gz');
      const [one, two] = [
        await importOf(owner, bytes, 'title=same', true),
        await importOf(owner, gunzipSync(bytes), 'title=same', false),
      ];
      assert.deepEqual(one?.json.questions, two?.json.questions);
      const reports = [
        await reportOf(owner, one?.json.survey.id), await reportOf(owner, two?.json.survey.id),
      ];
      assert.deepEqual(reports[0].questions, reports[1].questions);
    });

    test('star-wars answers submitted one by one give the same report', async (t) => {
      const bytes = packed('star-wars', 'StarWars.csv.gz');
      const imported = await importOf(owner, bytes, 'title=star&header_rows=2', true);
      const { id } = imported.json.survey;
      const questionnaire = (await owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
      const twin = await owner.survey(questionnaire.questionnaire);
      const waiting = await owner.every(`/api/v1/surveys/${id}/responses`);
      assert.equal(waiting.length, 1186);
      const send = async () => {
        for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
          const got = await probity.ask('POST', `/api/v1/public/${twin.token}/responses`, {
            body: { answers: one.answers },
          });
          assert.equal(got.status, 201, got.text);
        }
      };
      await Promise.all(Array.from({ length: 16 }, send));
      const [whole, single] = [await reportOf(owner, id), await reportOf(owner, twin.id)];
      assert.equal(single.responses, 1186);
      assert.deepEqual(single.questions, whole.questions);
      t.diagnostic(`${whole.questions.length} questions are counted alike`);
    });
  });
}
