// The page that imports surveys: looked at, put right, stored; its plan without a browser.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  asRecognised, freshPlan, hasPartsRow, joined, leftOut, recognisedOf, sentPlan, sourceOf,
  split, wishOfField, withoutOddChoices, withTitle, withType, type Recognised,
} from '../../web/src/pages/surveys/import/plan.ts';
import {
  Chromium, complaints, contactSheet, judged, screenshot, seriousIssues, withoutBrowser,
} from '../support/browser.ts';
import { goodPassword, hostile, startWorld, type World } from '../support/console-world.ts';

describe('The plan of an import', () => {
  const question = (columns: number[], more: Partial<Recognised> = {}): Recognised => ({
    name: 'q', title: 'T', type: 'comment', columns, rows: [], answered: 1, blank: 0, counts: [],
    ...more,
  });

  test('what is decided of columns is one wish, the newest', () => {
    const typed = withType(freshPlan, [1, 2], 'matrix');
    const named = withTitle(typed, [1, 2], 'Days');
    assert.deepEqual(named.wishes, [{ columns: [1, 2], type: 'matrix', title: 'Days' }]);
    assert.deepEqual(withTitle(named, [1, 2], ' ').wishes, [{ columns: [1, 2], type: 'matrix' }]);
    assert.deepEqual(split(named, [1, 2]).wishes, [{ columns: [1] }, { columns: [2] }]);
    assert.deepEqual(asRecognised(split(named, [1, 2]), [1, 2]).wishes, []);
    assert.deepEqual(joined(split(named, [1, 2]), question([0]), question([1])).wishes,
      [{ columns: [2] }, { columns: [0, 1], title: 'T' }]);
    assert.equal(joined(named, question([0], { type: 'matrix' }), question([3])).wishes[1]?.type,
      'matrix');
  });

  test('what is left out is remembered by its title, and taken back', () => {
    const out = leftOut(freshPlan, question([4]));
    assert.deepEqual([out.wishes, out.leftOut], [[{ columns: [4], type: 'none' }], { 4: 'T' }]);
    const back = asRecognised(out, [4]);
    assert.deepEqual([back.wishes, back.leftOut], [[], {}]);
    assert.deepEqual(joined(out, question([3]), question([4])).leftOut, {});
  });

  test('it is sent as the server reads it; a document has no columns', () => {
    const plan = withType({ ...freshPlan, title: ' Lunch ' }, [0], 'number');
    assert.deepEqual(sentPlan(plan, true), {
      title: 'Lunch', header_rows: 1, joined: true, missing: [],
      questions: [{ columns: [0], type: 'number' }],
    });
    assert.deepEqual(sentPlan(plan, false), { title: 'Lunch' });
    assert.deepEqual(wishOfField(plan, '/questions/0/type')?.columns, [0]);
    assert.equal(wishOfField(plan, '/missing'), undefined);
  });

  test('a text is proposed where nearly every answer differs, or one has several lines', () => {
    const counted = (distinct: number, each: number, more: Partial<Recognised> = {}) =>
      question([2], {
        type: 'radiogroup', answered: distinct * each,
        counts: Array.from({ length: distinct }, (_, n) => [`2026-03-${n + 1}`, each] as const),
        ...more,
      });
    const proposes = (...questions: Recognised[]) => withoutOddChoices(freshPlan, questions).wishes;
    const asText = [{ columns: [2], type: 'comment' }];
    assert.deepEqual(proposes(counted(6, 1)), asText);
    assert.deepEqual(proposes(counted(12, 1, { answered: 23 })), asText);
    assert.deepEqual(proposes(counted(12, 1, { answered: 24 })), []);
    assert.deepEqual(proposes(counted(5, 1)), []);
    assert.deepEqual(proposes(counted(6, 1, { type: 'dropdown' })), []);
    assert.deepEqual(proposes(question([2], {
      type: 'radiogroup', answered: 40, counts: [['Good', 39], ['Good,\nbut late', 1]],
    })), asText);
    const kept = withType(freshPlan, [0], 'rating');
    assert.equal(withoutOddChoices(kept, [counted(3, 9)]), kept);
  });

  test('a second row of headings is known by its words', () => {
    const counted = (...counts: [string, number][]) => [question([0]), question([1], { counts })];
    assert.ok(hasPartsRow(counted(['Response', 1], ['Yes', 7])));
    assert.ok(hasPartsRow(counted(['Open-Ended Response', 1])));
    assert.ok(!hasPartsRow(counted(['Response', 2], ['response', 1], ['Yes', 1])));
    assert.ok(!hasPartsRow([]));
  });

  test('an answer is read whatever it lacks, a file told by its name', () => {
    assert.deepEqual(recognisedOf([{ type: 'text', input: 'number', columns: [3] }, null])
      .map((one) => [one.type, one.columns, one.answered]),
    [['number', [3], null], ['', [], null]]);
    assert.deepEqual(['a.CSV', 'b.tsv.gz', 'c.lss', 'd.json.gz', 'e.xlsx', 'f'].map(sourceOf),
      ['table', 'table', 'document', 'document', null, null]);
  });
});

const row = (n: number): string => [
  ['Tea', 'Coffee', 'Water'][n % 3], n % 2 ? 'Morning' : '', n % 3 ? 'Evening' : '',
  n % 10 === 0 ? 'No answer' : String(20 + (n % 40)), n % 4 ? '' : `"Words ${n}, in two\nlines"`,
].join(',');
const table = [
  'What do you drink?,Times - Morning,Times - Evening,How old are you?,"Remarks ' +
    `${hostile.replaceAll('"', '""')}"`,
  ...Array.from({ length: 60 }, (_none, n) => row(n)), 'Tea,only two',
].join('\n');

describe('The page of imports', { skip: withoutBrowser }, () => {
  let world: World;
  let browser: Chromium;
  before(async () => {
    [world, browser] = await Promise.all([startWorld(), Chromium.start()]);
  });
  after(async () => {
    contactSheet();
    await Promise.all([browser?.stop(), world?.probity.stop()]);
  });

  const open = async (): Promise<Page> => {
    const page = await browser.window(
      world.probity, { tenant: world.tenant, email: world.emails.editor });
    await page.goto('/console/surveys');
    await page.getByRole('link', { name: 'Import', exact: true }).click();
    await page.getByRole('heading', { name: 'Import a survey' }).waitFor();
    return page;
  };
  const give = (page: Page, name: string, content: string): Promise<void> =>
    page.getByLabel('File', { exact: true }).setInputFiles({
      name, mimeType: 'application/octet-stream', buffer: Buffer.from(content),
    });
  const surveys = async (): Promise<number> =>
    (await world.owner.every('/api/v1/surveys')).length;

  test('two rows of headings are recognised, and may be read as one all the same', async () => {
    const page = await open();
    await give(page, 'team.csv',
      'Days?;;Food?\nMon;Tue;Response\nMon;;Good\nMon;Tue;Bad\n;Tue;Good');
    await page.getByText('2 questions, 3 responses.').waitFor();
    const rows = page.getByLabel('Rows of headings');
    assert.equal(await rows.inputValue(), '2');
    await rows.selectOption('1');
    await page.getByText('4 responses.').waitFor();
    assert.equal(await rows.inputValue(), '1');
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('what may tell who answered is named while the survey is anonymous', async () => {
    const page = await open();
    await give(page, 'people.csv', 'Your name,Reach you at,Days\n' + Array.from(
      { length: 12 }, (_none, n) => `Person ${n},p${n}@mail.example,${n % 3}`).join('\n'));
    await page.getByText('3 questions, 12 responses.').waitFor();
    await page.getByText('“Your name”: names').waitFor();
    await page.getByText('“Reach you at”: e-mail addresses').waitFor();
    assert.equal(await page.getByText('“Days”:').count(), 0);
    await judged(page, 'import-telling');
    await page.getByRole('button', { name: /^Leave out “Your name/ }).click();
    await page.getByText('2 questions, 12 responses.').waitFor();
    assert.equal(await page.getByText('“Your name”: names').count(), 0);
    await page.getByLabel('Identified').check();
    await page.getByText('These questions may tell').waitFor({ state: 'detached' });
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('a table is looked at, put right, and only then stored', async () => {
    const before = await surveys();
    const page = await open();
    await give(page, 'drinks.csv', table);
    await page.getByText('4 questions, 60 responses.').waitFor();
    assert.equal(await page.getByLabel('Kind of question 4').inputValue(), 'comment');
    await page.getByText('1 row is refused').click();
    await page.getByText('The row has 2 cells, the header 5.').waitFor();
    await judged(page, 'import');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel('Words that mean “no answer”').fill('No answer');
    await page.getByLabel('Title of the survey').fill('Drinks');
    await page.getByText('54 answered, 6 blank').waitFor();
    await page.getByLabel('Kind of question 3').selectOption({ label: 'Number' });
    await page.getByText('column 4; 54 answered, 6 blank').waitFor();
    await page.getByRole('button', { name: 'Split into single columns' }).click();
    await page.getByText('5 questions, 60 responses.').waitFor();
    await page.getByRole('button', { name: /^Join with the next “Times - Morning”/ }).click();
    await page.getByText('4 questions, 60 responses.').waitFor();
    await page.getByRole('button', { name: /^Leave out “Remarks/ }).click();
    await page.getByText('3 questions, 60 responses.').waitFor();
    await page.getByRole('button', { name: /^Take it back/ }).click();
    await page.getByText('4 questions, 60 responses.').waitFor();
    assert.equal(await surveys(), before, 'nothing is stored by looking');
    await page.getByRole('button', { name: 'Import 60 responses' }).click();
    await page.getByRole('heading', { name: 'Drinks', level: 1 }).waitFor();
    assert.match(page.url(), /\/report$/);
    assert.equal(await surveys(), before + 1);
    assert.equal(await page.evaluate('window.hurt'), undefined);
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('a questionnaire becomes a draft in the editor; what is ignored is named', async () => {
    const page = await open();
    await give(page, 'lunch.json', JSON.stringify({
      title: 'Lunch', cookieName: 'x',
      elements: [{ type: 'text', name: 'dish', title: 'Which dish?' }],
    }));
    await page.getByText('Which dish?').waitFor();
    await page.getByText('What is not carried over (1)').click();
    await page.getByText('/cookieName').waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await page.getByRole('button', { name: 'Make the draft' }).click();
    await page.getByRole('navigation', { name: 'Pages and questions' }).waitFor();
    await page.getByRole('heading', { name: 'Lunch', level: 1 }).waitFor();
    await page.context().close();
  });

  test('what cannot be read is told in words, and another file is taken', async () => {
    const page = await open();
    await give(page, 'sheet.xlsx', 'PK');
    await page.getByText('none of .csv, .tsv, .lss and .json').waitFor();
    await give(page, 'broken.json', '{"elements": [');
    await page.getByRole('alert').waitFor();
    await give(page, 'bad.json', '{"elements":[{"type":"file","name":"f"}]}');
    await page.getByRole('alert').getByText(/"file" is not supported/).waitFor();
    await screenshot(page, 'import-refused', 'light');
    await give(page, 'drinks.csv', table);
    await page.getByText('4 questions, 60 responses.').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.getByLabel('Kind of question 4').selectOption({ label: 'Scale' });
    const said = page.locator('li').filter({ has: page.getByLabel('Kind of question 4') });
    await said.locator('.error').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Import 60 responses' }).isDisabled());
    await page.context().close();
  });

  test('a session that ends meanwhile asks, and the import goes on', async () => {
    const page = await open();
    await give(page, 'drinks.csv', table);
    await page.getByText('4 questions, 60 responses.').waitFor();
    await page.locator('button:not([aria-disabled])', { hasText: 'Import 60 responses' }).waitFor();
    const again = await world.probity.logIn(world.tenant, world.emails.editor, goodPassword);
    await again.must(204, 'POST', '/api/v1/sessions/revoke-all', {});
    await page.getByRole('button', { name: 'Import 60 responses' }).click();
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('heading', { name: 'Imported survey', level: 1 }).waitFor();
    await page.context().close();
  });
});
