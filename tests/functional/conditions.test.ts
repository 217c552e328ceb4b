// Conditions in the browser decide as the server does: the script's evaluator is run over the table
// that condition_json_test.cpp holds the server to.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

const root = join(fileURLToPath(import.meta.url), '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Case {
  condition: string;
  answers: Record<string, unknown>;
  program: unknown[];
  holds: boolean;
  hidden: string[];
}
type Holds = (program: unknown[], find: (name: string, question: string) => unknown) => boolean;

const holds: Holds = runInNewContext(`${read('src/form/assets/conditions.js')}; holds`, {
  TextEncoder,
});
const table: { cases: Case[] } = JSON.parse(read('tests/support/condition-cases.json'));

describe('conditions of a page', () => {
  for (const one of table.cases) {
    test(`${one.condition} of ${JSON.stringify(one.answers)} is ${one.holds}`, () => {
      // Objects of another context have other prototypes, as those of JSON.parse there would not.
      const inside = (value: unknown): unknown =>
        runInNewContext(`JSON.parse(${JSON.stringify(JSON.stringify(value))})`);
      const find = (name: string, question: string): unknown =>
        (one.hidden.includes(question) ? undefined : one.answers[name]);
      assert.equal(holds(inside(one.program) as unknown[], find), one.holds);
    });
  }

  test('cover both outcomes', () => {
    const held = table.cases.filter((one) => one.holds).length;
    assert.ok(held > 40 && table.cases.length - held > 30, `${held} of ${table.cases.length}`);
  });
});
