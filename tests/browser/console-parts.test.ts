// Parts of the console that decide something, without a browser.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { mergeFields } from '../../web/src/lib/parts/merge.ts';
import { bytesOf } from '../../web/src/lib/text/bytes.ts';
import { changesOf } from '../../web/src/pages/surveys/difference-words.ts';
import { answerWords, outlineOf, wordsOf } from '../../web/src/pages/surveys/outline.ts';
import { apiTypes } from '../../web/tools/api-types.ts';

test('Bytes are told in the unit people would choose, never more than there are', () => {
  const told: readonly [number, string][] = [
    [0, '0 bytes'], [1, '1 byte'], [1023, '1,023 bytes'], [1024, '1 KiB'], [1536, '1.5 KiB'],
    [2 ** 20 - 1, '1,023.9 KiB'], [64 * 2 ** 20, '64 MiB'], [4 * 2 ** 30, '4 GiB'],
    [2 ** 50, '1,024 TiB'],
  ];
  for (const [bytes, words] of told) assert.equal(bytesOf(bytes), words);
});

describe('Merging what two people changed', () => {
  const base = { a: '1', b: '2', c: '3' };

  test('a field one of them changed is theirs who changed it', () => {
    const { merged, conflicts } = mergeFields(base, { ...base, a: 'm' }, { ...base, b: 't' });
    assert.deepEqual(merged, { a: 'm', b: 't', c: '3' });
    assert.deepEqual(conflicts, []);
  });

  test('a field both changed keeps mine and is named', () => {
    const { merged, conflicts } = mergeFields(base, { ...base, c: 'm' }, { ...base, c: 't' });
    assert.equal(merged.c, 'm');
    assert.deepEqual(conflicts, ['c']);
  });

  test('the same change by both is none to decide', () => {
    const { conflicts } = mergeFields(base, { ...base, c: 'x' }, { ...base, c: 'x' });
    assert.deepEqual(conflicts, []);
  });

  test('what I emptied stays empty', () => {
    const { merged } = mergeFields(base, { ...base, a: '' }, base);
    assert.equal(merged.a, '');
  });
});

describe('The outline of a questionnaire', () => {
  test('pages, panels and single elements come in order, numbered on', () => {
    const outline = outlineOf({
      pages: [
        { title: 'One', elements: [
          { type: 'panel', elements: [{ type: 'text', name: 'a' }, { type: 'text', name: 'b' }] },
          { type: 'text', name: 'c', title: { default: 'See', de: 'Sieh' } },
        ] },
        { elements: [] },
        { elements: [{ type: 'rating', name: 'd' }] },
      ],
    });
    assert.deepEqual(outline.map((page) => [page.title, page.first]), [['One', 1], ['', 4]]);
    const titles = outline.flatMap((page) => page.questions.map((question) => question.title));
    assert.deepEqual(titles, ['a', 'b', 'See', 'd']);
  });

  test('an answer is told in the words respondents read, else as it is stored', () => {
    const told = (question: Record<string, unknown>, value: unknown): string =>
      answerWords(outlineOf({ elements: [{ name: 'q', ...question }] })[0]?.questions[0], value);
    const choices = [{ value: 'y', text: { default: 'Yes, always', de: 'Ja' } }, 'plain'];
    assert.equal(told({ choices }, ['y', 'plain', 'gone']), 'Yes, always, plain, gone');
    assert.equal(told({ rateValues: [{ value: 1, text: 'Bad' }] }, 1), 'Bad');
    assert.equal(told({ labelTrue: 'Agreed' }, true), 'Agreed');
    assert.equal(told({
      rows: [{ value: 'r', text: 'Chairs' }], columns: [{ value: 4, text: 'Good' }],
    }, { r: 4, s: 'na' }), 'Chairs: Good; s: na');
    assert.equal(told({ items: [{ name: 'a', title: 'Room' }] }, { a: 'R' }), 'Room: R');
    assert.equal(answerWords(undefined, { a: 1 }), 'a: 1');
  });

  test('nothing that is no questionnaire breaks it', () => {
    for (const given of [null, 1, 'x', [], {}, { pages: 3 }, { pages: [null] }, { elements: 'x' }])
      assert.deepEqual(outlineOf(given), []);
    assert.equal(wordsOf({ de: 'Ja' }), 'Ja');
    assert.equal(wordsOf(7), '');
  });
});

describe('Types of the interface', () => {
  const document = (schema: unknown): string => JSON.stringify({
    paths: {
      '/api/v1/x/{id}': {
        get: {
          summary: 'X', 'x-probity-access': 'everyone',
          parameters: [{ name: 'id', in: 'path' }, { name: 'limit', in: 'query' }],
          responses: { 200: { content: { 'application/json': { schema } } }, default: {} },
        },
      },
      '/api/v1/public/{token}': { get: {} },
    },
    components: { schemas: { Y: { type: 'string' } } },
  });

  test('required, nullable, listed and referred to are told apart', () => {
    const text = apiTypes(document({
      type: 'object', required: ['a'],
      properties: {
        a: { type: ['string', 'null'] }, b: { enum: ['p', 'q'] },
        c: { type: 'array', items: { $ref: '#/components/schemas/Y' } }, d: {},
      },
    }));
    for (const part of ['path: { id: string };', 'query: { limit?: string };', 'body: undefined;',
      'a: string | null;', "b?: 'p' | 'q';", 'c?: readonly (string)[];', 'd?: unknown;'])
      assert.ok(text.includes(part), `${part}\n${text}`);
    assert.ok(!text.includes('public'));
  });

  test('a reference to nothing is an error', () => {
    assert.throws(() => apiTypes(document({ $ref: '#/components/schemas/Z' })), /nothing at/);
  });
});

describe('Words of what differs', () => {
  test('what happened comes in its order; nothing and what is no sentence is left out', () => {
    const lists = changesOf({
      survey: [{ words: 'S' }], added: [{ words: 'A' }, { words: 3 }, null], removed: [],
      moved: [{}], changed: [{ words: 'C', title: 'Q' }],
    });
    assert.deepEqual(lists, [
      { how: 'added', sentences: ['A'] }, { how: 'changed', sentences: ['“Q”: C'] },
      { how: 'survey', sentences: ['S'] },
    ]);
  });
});
