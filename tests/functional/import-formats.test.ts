// Imports with a plan, from SurveyJS and from LimeSurvey, and what is refused; on both engines.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { limeFile, type LimePart, type LimeQuestion } from '../support/lime.ts';
import { engines, type Member, Probity, sharedFolder } from '../support/probity.ts';

const definitions = join(sharedFolder, 'data', 'survey-definitions');
const skip = !existsSync(definitions) && 'the definitions are not beside the checkout';

const send = (owner: Member, type: string, body: string | Buffer, query = '', coding = '') => {
  const headers: Record<string, string> = { 'content-type': type };
  if (coding !== '') headers['content-encoding'] = coding;
  return owner.probity.ask('POST', `/api/v1/surveys/import?${query}`, {
    cookie: owner.cookie, csrf: owner.csrf, headers, body: body as any,
  });
};

/** A form with a file and a plan, as a page would send it. */
const sendForm = async (
  owner: Member, name: string, file: string | Buffer, plan: unknown, query = '',
) => {
  const form = new FormData();
  form.append('file', new Blob([file as any]), name);
  if (plan !== undefined) form.append('plan', JSON.stringify(plan));
  const packed = new Response(form);
  const body = Buffer.from(await packed.arrayBuffer());
  return send(owner, packed.headers.get('content-type') ?? '', body, query);
};

const surveysOf = async (owner: Member): Promise<number> =>
  (await owner.every('/api/v1/surveys')).length;

const table = [
  'Id,Age,Likes - Tea,Likes - Coffee,Score,Remark',
  '1,31,Tea,,9,fine', '2,45,,Coffee,7,-', '3,-,Tea,Coffee,10,good', '4,52', '',
].join('\n');

const part = (code: string, text: string, scale = 0): LimePart =>
  ({ code, texts: { en: text, de: `${text} (de)` }, scale });

const subs = [part('S1', 'One'), part('S2', 'Two')];
const answers = [part('A1', 'Good'), part('A2', 'Bad')];

/** Every type with what it becomes, one answer that is right and one that is wrong. */
const limeTypes: [LimeQuestion, string, unknown, unknown][] = [
  [{ code: 'qL', type: 'L', answers, other: true }, 'radiogroup', 'A1', 'A9'],
  [{ code: 'qD', type: '!', answers }, 'dropdown', 'A2', 'A9'],
  [{ code: 'qO', type: 'O', answers }, 'radiogroup', 'A1', ['A1']],
  [{ code: 'qS', type: 'S' }, 'text', 'word', 5],
  [{ code: 'qT', type: 'T' }, 'comment', 'words', ['words']],
  [{ code: 'qU', type: 'U', attributes: { maximum_chars: '5' } }, 'comment', 'short', 'longer'],
  [{ code: 'qN', type: 'N', attributes: { max_num_value_n: '9' } }, 'text', 9, 10],
  [{ code: 'qM', type: 'M', subs, attributes: { max_answers: '1' } }, 'checkbox', ['S1'],
    ['S1', 'S2']],
  [{ code: 'qP', type: 'P', subs }, 'checkbox', ['S1', 'S2'], ['S3']],
  [{ code: 'qF', type: 'F', subs, answers }, 'matrix', { S1: 'A1' }, { S1: 'A3' }],
  [{ code: 'qA', type: 'A', subs }, 'matrix', { S1: 5 }, { S1: 6 }],
  [{ code: 'qB', type: 'B', subs }, 'matrix', { S2: 10 }, { S2: 11 }],
  [{ code: 'qC', type: 'C', subs }, 'matrix', { S1: 'U' }, { S1: 'X' }],
  [{ code: 'qE', type: 'E', subs }, 'matrix', { S1: 'I' }, { S1: 'X' }],
  [{ code: 'qH', type: 'H', subs, answers }, 'matrix', { S2: 'A2' }, { S3: 'A2' }],
  [{ code: 'qQ', type: 'Q', subs }, 'multipletext', { S1: 'a' }, { S3: 'a' }],
  [{ code: 'qK', type: 'K', subs }, 'multipletext', { S1: 4 }, { S1: 'four' }],
  [{ code: 'qR', type: 'R', answers }, 'ranking', ['A2', 'A1'], ['A2', 'A2']],
  [{ code: 'qY', type: 'Y' }, 'radiogroup', 'Y', 'X'],
  [{ code: 'qG', type: 'G' }, 'radiogroup', 'F', 'X'],
  [{ code: 'qDate', type: 'D' }, 'text', '2026-03-31', '31.3.2026'],
  [{ code: 'q5', type: '5' }, 'rating', 5, 6],
];

for (const engine of engines) {
  describe(`formats of imports on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    const publish = async (id: string): Promise<string> =>
      (await owner.must(200, 'POST', `/api/v1/surveys/${id}/publish`)).json.token;
    const respond = (token: string, one: unknown) =>
      probity.ask('POST', `/api/v1/public/${token}/responses`, { body: { answers: one } as any });

    test('a preview and the import after it say the same, and only one stores', async () => {
      const before = await surveysOf(owner);
      const dry = await send(owner, 'text/csv', table, 'dry_run=true&missing=-');
      assert.equal(dry.status, 200, dry.text);
      assert.equal(await surveysOf(owner), before);
      const real = await send(owner, 'text/csv', table, 'missing=-');
      assert.equal(real.status, 201, real.text);
      assert.equal(await surveysOf(owner), before + 1);
      const same = ({ survey, ...rest }: any) => ({ ...rest, survey: {
        ...survey, id: '', created_at: '', updated_at: '' } });
      assert.deepEqual(same(dry.json), same(real.json));
      const reason = 'The row has 2 cells, the header 6.';
      assert.deepEqual(dry.json.refused, [{ row: 5, reason }]);
      assert.deepEqual(dry.json.questions[2].counts, { Tea: 2, Coffee: 2 });
    });

    test('a plan changes type, joining, title and what is missing', async () => {
      const plan = {
        title: 'Drinks', missing: ['-'],
        questions: [
          { columns: [0], type: 'none' },
          { columns: [1], type: 'number', title: 'How old are you?' },
          { columns: [2], title: 'Tea?' },
          { columns: [4], type: 'rating' },
          { columns: [5], type: 'comment' },
        ],
      };
      const dry = await sendForm(owner, 'drinks.csv', table, plan, 'dry_run=true');
      assert.equal(dry.status, 200, dry.text);
      const got = await sendForm(owner, 'drinks.csv.gz', gzipSync(table), plan);
      assert.equal(got.status, 201, got.text);
      assert.deepEqual(got.json.questions, dry.json.questions);
      assert.equal(got.json.survey.title, 'Drinks');
      const seen = got.json.questions.map((one: any) => [one.title, one.type, one.columns]);
      assert.deepEqual(seen, [
        ['How old are you?', 'text', [1]], ['Tea?', 'radiogroup', [2]],
        ['Likes - Coffee', 'radiogroup', [3]], ['Score', 'rating', [4]], ['Remark', 'comment', [5]],
      ]);
      const report = await owner.must(200, 'GET', `/api/v1/surveys/${got.json.survey.id}/report`);
      assert.equal(report.json.responses, 3);
      assert.equal(report.json.questions[0].answered, 2);
      assert.equal(report.json.questions[3].counts['10'], 1);
    });

    test('a plan that asks for what the table does not have is refused by its member', async () => {
      const before = await surveysOf(owner);
      const wrong: [unknown, string][] = [
        [{ questions: [{ columns: [6] }] }, '/questions/0/columns'],
        [{ questions: [{ columns: [1] }, { columns: [1] }] }, '/questions/1/columns'],
        [{ questions: [{ columns: [] }] }, '/questions/0/columns'],
        [{ questions: [{ columns: [5], type: 'rating' }] }, '/questions/0/type'],
        [{ questions: [{ columns: [1], type: 'matrix' }] }, '/questions/0/type'],
        [{ questions: [{ columns: [1, 5], type: 'checkbox' }] }, '/questions/0/type'],
        [{ questions: [{ columns: [1], type: 'file' }] }, '/questions/0/type'],
        [{ missing: 'none' }, '/missing'], [{ header_rows: 4 }, '/header_rows'], [{ a: 1 }, '/a'],
      ];
      for (const [plan, field] of wrong) {
        const got = await sendForm(owner, 'a.csv', table, plan);
        assert.equal(got.status >= 400 && got.status < 500, true, got.text);
        assert.equal(got.json.errors?.[0]?.field ?? got.json.fields?.[0]?.field, field, got.text);
      }
      assert.equal((await sendForm(owner, 'a.xlsx', table, {})).status, 415);
      assert.equal((await send(owner, 'multipart/form-data; boundary=x', 'nothing')).status, 400);
      assert.equal(await surveysOf(owner), before);
    });

    test('LimeSurvey: every type takes a valid answer and refuses another', async () => {
      const title = { en: 'All types', de: 'Alle Arten' };
      const got = await send(owner, 'application/xml',
        limeFile(title, limeTypes.map(([question]) => question)));
      assert.equal(got.status, 201, got.text);
      assert.equal(got.json.survey.title, 'All types');
      const types = got.json.questions.map((one: any) => [one.name, one.type]);
      assert.deepEqual(types, limeTypes.map(([question, type]) => [question.code, type]));
      const token = await publish(got.json.survey.id);
      for (const [question, , valid, invalid] of limeTypes) {
        const taken = await respond(token, { [question.code]: valid });
        assert.equal(taken.status, 201, `${question.code} ${taken.text}`);
        const refused = await respond(token, { [question.code]: invalid });
        assert.equal(refused.status, 422, `${question.code} ${refused.text}`);
      }
      const page = await probity.ask('GET', `/s/${token}?lang=de`);
      assert.equal(page.status, 200);
      assert.ok(page.text.includes('Good (de)'), 'the German texts are there');
    });

    test('LimeSurvey: grids, conditions, what is left out, what is refused', async () => {
      const file = limeFile({ en: 'More' }, [
        { code: 'Y', type: 'Y', mandatory: true }, { code: 'M', type: 'M', subs },
        { code: 'G', type: ';', subs: [...subs, part('X', 'Left', 1), part('Z', 'Right', 1)] },
        { code: 'D', type: '1', subs, answers: [...answers, part('B1', 'Often', 1)] },
        { code: 'A', type: 'T', relevance: '((Y.NAOK == "Y"))' },
        { code: 'B', type: 'T', relevance: 'M_S1.NAOK == "Y" and !is_empty(Y.NAOK)' },
        { code: 'C', type: 'T', relevance: 'count(M_S1, M_S2) > 1' },
        { code: 'E', type: '*' }, { code: 'I', type: 'I' },
        { code: 'X', type: 'X', texts: { en: '<b>Hello</b> &amp; <script>x</script>' } },
      ]);
      const got = await sendForm(owner, 'more.lss', file, undefined);
      assert.equal(got.status, 201, got.text);
      assert.deepEqual(got.json.questions.map((one: any) => one.name),
        ['Y', 'M', 'G_S1', 'G_S2', 'D_1', 'D_2', 'A', 'B', 'C']);
      const paths = got.json.survey.warnings.map((one: any) => one.path);
      for (const code of ['C', 'E', 'I', 'G', 'D'])
        assert.ok(paths.includes(`/questions/${code}`), `${code} in ${paths}`);
      const id = got.json.survey.id;
      const stored = (await owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json.questionnaire;
      const { elements } = stored.pages[0];
      const byName = Object.fromEntries(elements.map((one: any) => [one.name, one]));
      assert.equal(byName.A.visibleIf, "(({Y} = 'Y'))");
      assert.equal(byName.B.visibleIf, "{M} contains 'S1' and {Y} notempty");
      assert.equal(byName.C.visibleIf, undefined);
      const upload = limeFile({ en: 'U' }, [{ code: 'F', type: '|' }]);
      const refused = await send(owner, 'application/xml', upload);
      assert.equal(refused.status, 400, refused.text);
      assert.ok(refused.text.includes('/questions/F/type'), refused.text);
    });

    test('XML that would grow, nest or name entities is refused', async () => {
      const bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><document>&b;</document>';
      const deep = `<document>${'<a>'.repeat(50)}${'</a>'.repeat(50)}</document>`;
      const before = await surveysOf(owner);
      for (const xml of [bomb, deep, '<document>', '<html/>', 'plain', '<document/>']) {
        const got = await send(owner, 'application/xml', xml);
        assert.ok(got.status >= 400 && got.status < 500, `${xml.slice(0, 40)} ${got.text}`);
      }
      assert.equal(await surveysOf(owner), before);
    });

    test('bombs and wide tables are refused with their limit', async () => {
      const before = await surveysOf(owner);
      const packed = gzipSync(Buffer.alloc(80 * 2 ** 20, 'a'));
      const bomb = await send(owner, 'text/csv', packed, '', 'gzip');
      assert.ok(bomb.text.includes('67108864'), bomb.text);
      const columns = `${'a,'.repeat(10_000)}\n${'1,'.repeat(10_000)}\n`;
      const wide = await send(owner, 'text/csv', columns);
      assert.ok(wide.text.includes('500 columns'), wide.text);
      const cell = await send(owner, 'text/csv', `A,B\n1,${'x'.repeat(2_000_000)}\n`);
      assert.ok(cell.text.includes('200000 bytes'), cell.text);
      const mixed = await send(owner, 'text/csv',
        Buffer.from([0x41, 0x0a, 0xc3, 0xbc, 0x0a, 0xfc, 0x0a]), 'encoding=utf-8');
      assert.ok(mixed.text.includes('not UTF-8'), mixed.text);
      for (const got of [bomb, wide, cell, mixed])
        assert.ok(got.status >= 400 && got.status < 500, got.text);
      assert.equal(await surveysOf(owner), before);
    });

    test('markup and formulas of a table are inert on the page and in the export', async () => {
      const evil = '"<script>alert(1)</script>",Note\n=1+1,"<img src=x onerror=y>"\n+2,@SUM\n';
      const got = await send(owner, 'text/csv', evil);
      assert.equal(got.status, 201, got.text);
      const { id } = got.json.survey;
      const exported = await owner.must(200, 'GET', `/api/v1/surveys/${id}/export.csv`);
      assert.ok(exported.text.includes("'=1+1"), exported.text);
      const token = await publish(id);
      const page = await probity.ask('GET', `/s/${token}`);
      assert.equal(page.status, 200);
      assert.ok(!page.text.includes('<script>alert') && !page.text.includes('<img src=x'));
    });

    test('SurveyJS: each definition imports and answers, or is refused', { skip }, async (t) => {
      const folder = join(definitions, 'surveyjs');
      const counts = { imported: 0, refused: 0 };
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
        const got = await send(owner, 'application/json', readFileSync(join(folder, file)));
        if (got.status !== 201) {
          const fields = got.json.errors ?? got.json.fields ?? [];
          assert.ok(got.status >= 400 && got.status < 500, got.text);
          assert.ok(fields[0]?.field?.startsWith('/') && fields[0]?.reason?.length > 0, got.text);
          counts.refused += 1;
          continue;
        }
        counts.imported += 1;
        // Two ask nothing; they stay drafts.
        if (got.json.questions.length === 0) continue;
        const token = await publish(got.json.survey.id);
        assert.equal((await probity.ask('GET', `/s/${token}`)).status, 200, file);
        const { questionnaire } =
          (await owner.must(200, 'GET', `/api/v1/surveys/${got.json.survey.id}`)).json;
        const one = validAnswers(questionnaire);
        const taken = await respond(token, one);
        assert.equal(taken.status, 201, `${file} ${JSON.stringify(one)} ${taken.text}`);
        assert.equal((await respond(token, { ...one, nobodyAskedThis: 1 })).status, 422, file);
        for (const { name } of got.json.questions) {
          const wrong = await respond(token, { ...one, [name]: { nobody: ['said'] } });
          assert.equal(wrong.status, 422, `${file} ${name} ${wrong.text}`);
        }
      }
      assert.equal(counts.imported + counts.refused, 41);
      t.diagnostic(`${counts.imported} imported, ${counts.refused} refused with path and reason`);
    });

    test('LimeSurvey: the stored structure imports with both languages', { skip }, async () => {
      const folder = join(definitions, 'limesurvey');
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.lss'))) {
        const got = await sendForm(owner, file, readFileSync(join(folder, file)), undefined);
        assert.equal(got.status, 201, got.text);
        assert.equal(got.json.survey.title, 'test-survey-1');
        const token = await publish(got.json.survey.id);
        const { name } = got.json.questions[0];
        assert.equal((await respond(token, { [name]: 'words' })).status, 201);
        assert.equal((await respond(token, { [name]: ['words'] })).status, 422);
        assert.equal((await probity.ask('GET', `/s/${token}?lang=et`)).status, 200);
      }
    });
  });
}

/** A valid answer to every question that must be answered, and to those that are easy. */
const validAnswers = (questionnaire: any): Record<string, unknown> => {
  const out: Record<string, unknown> = {};
  const waiting: any[] = [...(questionnaire.pages ?? [questionnaire])];
  for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
    waiting.push(...(one.elements ?? one.questions ?? []));
    if (one.name === undefined || (one.isRequired !== true && one.isRequired !== 'true')) continue;
    const first = one.choices?.[0];
    const choice = first?.value ?? first;
    if (one.type === 'radiogroup' || one.type === 'dropdown') out[one.name] = choice;
    else if (one.type === 'checkbox') out[one.name] = [choice];
    else if (one.type === 'rating') out[one.name] = one.rateMin ?? 1;
    else if (one.type === 'boolean') out[one.name] = true;
    else if (one.inputType === 'email') out[one.name] = 'somebody@example.org';
    else out[one.name] = one.inputType === 'number' ? 30 : 'some words that are long enough';
  }
  return out;
};
