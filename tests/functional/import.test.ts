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
  readonly column: number;
  readonly title: string;
  readonly answered: number;
  readonly blank: number;
  readonly counts: Record<string, number>;
}

/** What several columns come to together. */
interface Several {
  readonly column: number;
  readonly counts: Record<string, number>;
  readonly answered: number;
}

interface Truth {
  readonly rows: number;
  readonly facts: Fact[];
  readonly sets: Several[];
}

/** Lines of the file. A value may hold a line end: what is no new line goes on the one before. */
const wholeLines = (): string[] => {
  const lines: string[] = [];
  for (const line of readFileSync(truthFile, 'utf8').split('\n')) {
    if (lines.length === 0 || line === '' || /^(- |#)/.test(line)) lines.push(line);
    else lines[lines.length - 1] += `\n${line}`;
  }
  return lines;
};

const countsOf = (listed: string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [, value = '', count] of listed.matchAll(/`([^`]*)`=(\d+)/g))
    if (value !== '(blank)') counts[value.trim()] = Number(count);
  return counts;
};

/** The facts about single columns of one file, as the truth file words them. */
const truthOf = (file: string): Truth => {
  const lines = wholeLines();
  const begin = lines.findIndex((line) => line === `### ${file}`);
  assert.ok(begin >= 0, file);
  const facts: Fact[] = [];
  const sets: Several[] = [];
  let rows = 0;
  for (const line of lines.slice(begin + 1)) {
    if (line.startsWith('###')) break;
    rows = Number(/respondent rows: (\d+)/.exec(line)?.[1] ?? rows);
    const many = /\(cols (\d+)-\d+\): (.*); rows with at least one: (\d+)$/s.exec(line);
    if (many !== null)
      sets.push({
        column: Number(many[1]), counts: countsOf(many[2] ?? ''), answered: Number(many[3]),
      });
    const found = /^- Q col (\d+) "(.*)": answered (\d+), blank (\d+); (.*)$/s.exec(line);
    if (found === null) continue;
    const [, column, title = '', answered, blank, listed = ''] = found;
    facts.push({
      column: Number(column), title, answered: Number(answered), blank: Number(blank),
      counts: countsOf(listed),
    });
  }
  return { rows, facts, sets };
};

const sets = [
  { folder: 'star-wars', file: 'StarWars.csv.gz', query: 'header_rows=2', atLeast: 6 },
  { folder: 'comma', file: 'comma-survey.csv.gz', query: '', atLeast: 5 },
  { folder: 'thanksgiving', file: 'thanksgiving-2015-poll-data.csv.gz', query: '', atLeast: 5 },
  { folder: 'masculinity', file: 'raw-responses.csv.gz', query: '', atLeast: 3 },
  { folder: 'weather-check', file: 'weather-check.csv.gz', query: '', atLeast: 5 },
  { folder: 'food-world-cup', file: 'food-world-cup-data.csv.gz', query: '', atLeast: 5 },
  { folder: 'poll-of-pollsters-named', file: 'poll-of-pollsters.tsv', query: '', atLeast: 1 },
  {
    folder: 'poll-of-pollsters-anonymous', file: 'poll-of-pollsters-anonymous-answers.tsv',
    query: '', atLeast: 1,
  },
  {
    folder: 'nhs-friends-family-feedback', file: 'v6framework_230831.csv.gz', query: '', atLeast: 5,
  },
];

/** One fact against the question its column became part of. */
const holds = (fact: Fact, question: any): void => {
  if (question.type === 'checkbox') {
    // A line about one column of a joined question is met by that option's count.
    for (const [value, count] of Object.entries(fact.counts)) {
      const wanted = value === 'Not selected' ? undefined : count;
      assert.equal(question.counts[value], wanted, fact.title);
    }
    return;
  }
  assert.equal(question.answered, fact.answered, fact.title);
  assert.equal(question.blank, fact.blank, fact.title);
  if (question.type === 'comment') return;
  for (const [value, count] of Object.entries(fact.counts))
    assert.equal(question.counts[value], count, `${fact.title}: ${value}`);
};

const packed = (folder: string, file: string): Buffer =>
  readFileSync(join(sharedFolder, 'data', 'surveys', folder, file));

const csv = 'text/csv';
const tsv = 'text/tab-separated-values';

const importOf = (
  owner: Member, body: Buffer, query: string, isPacked: boolean, type = csv,
) => {
  const headers: Record<string, string> = { 'content-type': type };
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
        const isPacked = file.endsWith('.gz');
        const got = await importOf(owner, packed(folder, file), `title=${folder}&${query}`,
          isPacked, file.endsWith('.tsv') ? tsv : csv);
        assert.equal(got.status, 201, got.text);
        assert.equal(got.json.imported, truth.rows);
        assert.deepEqual(got.json.refused, []);
        const report = await reportOf(owner, got.json.survey.id);
        assert.equal(report.responses, truth.rows);
        const questionOf = (column: number): any => {
          const at = got.json.questions.findIndex((one: any) => one.columns.includes(column));
          assert.ok(at >= 0, `column ${column}`);
          return report.questions[at];
        };
        for (const fact of truth.facts) holds(fact, questionOf(fact.column));
        for (const several of truth.sets) {
          const question = questionOf(several.column);
          assert.equal(question.type, 'checkbox');
          assert.equal(question.answered, several.answered);
          for (const [title, count] of Object.entries(several.counts)) {
            const option = title.startsWith(`${question.title} - `)
              ? title.slice(question.title.length + 3) : title;
            assert.equal(question.counts[option], count, title);
          }
        }
        t.diagnostic(`${truth.facts.length} facts about ${truth.rows} responses hold`);
      });
    }

    test('food: the mean of a rating is over its numbers, N/A is counted beside them', async () => {
      const bytes = packed('food-world-cup', 'food-world-cup-data.csv.gz');
      const got = await importOf(owner, bytes, 'title=food&joined=false', true);
      const italy = (await reportOf(owner, got.json.survey.id)).questions[22];
      assert.ok(Math.abs(italy.mean - 4.370927) < 1e-6, String(italy.mean));
      assert.equal(italy.counts['N/A'], 67);
      assert.equal(italy.blank, 109);
    });

    test('masculinity: the weights are numbers', async () => {
      const bytes = packed('masculinity', 'raw-responses.csv.gz');
      const got = await importOf(owner, bytes, 'title=weights&dry_run=true', true);
      const weight = got.json.questions.find((one: any) => one.title === 'weight');
      assert.equal(weight.input, 'number');
      assert.equal(weight.answered, 1615);
    });

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
