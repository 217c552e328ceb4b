// The console by the keyboard alone: nothing is clicked, and focus goes only where keys take it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Locator, Page } from 'playwright-core';

import { Chromium, complaints, withoutBrowser } from '../support/browser.ts';
import { startWorld, type World } from '../support/console-world.ts';
import { EditorPages, entry, list, saves } from '../support/editor-pages.ts';

let world: World;
let browser: Chromium;
let pages: EditorPages;

const mostSteps = 120;
const isFocused = (target: Locator): Promise<boolean> =>
  target.evaluate((one) => one === one.ownerDocument.activeElement);
const isMarked = `(() => {
  const style = getComputedStyle(document.activeElement);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) ||
    style.boxShadow !== 'none';
})()`;

/** Presses Tab until the target has focus, and looks whether that can be seen. */
const reach = async (page: Page, target: Locator, key = 'Tab'): Promise<void> => {
  await target.waitFor();
  for (let steps = 0; !(await isFocused(target)); ++steps) {
    assert.ok(steps < mostSteps, `${target} is not reached by ${key}`);
    await page.keyboard.press(key);
  }
  assert.equal(await page.evaluate(isMarked), true, `${target} has focus and does not show it`);
};
const press = async (page: Page, target: Locator, key = 'Enter'): Promise<void> => {
  await reach(page, target);
  await page.keyboard.press(key);
};
/** In a list of choices letters lead to the one that begins with them. */
const choose = async (page: Page, target: Locator, letters: string): Promise<void> => {
  await reach(page, target);
  await page.keyboard.type(letters);
};
const write = async (page: Page, target: Locator, words: string): Promise<void> => {
  await reach(page, target);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(words);
};

describe('The keyboard alone', { skip: withoutBrowser }, () => {
  before(async () => {
    [world, browser] = await Promise.all([startWorld(), Chromium.start()]);
    pages = new EditorPages(world, browser);
  });
  after(() => Promise.all([browser?.stop(), world?.probity.stop()]));

  const question = async (id: string, name: string): Promise<any> =>
    (await pages.stored(id)).pages.flatMap((one: any) => one.elements)
      .find((one: any) => one.name === name);

  test('changes what a question asks and how it may be answered', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await press(page, list(page).getByRole('button', { name: /^Add a question/ }).last());
    const dialog = page.getByRole('dialog');
    await press(page, dialog.getByRole('button', { name: /^One of a list/ }));
    await write(page, page.getByRole('textbox', { name: 'Question', exact: true }), 'Which floor?');
    const answer = (n: number) => page.getByRole('textbox', { name: `Answers: Text of ${n}` });
    await write(page, answer(1), 'Ground');
    await page.keyboard.press('Enter');
    await page.keyboard.type('First');
    await saves(page, () => page.keyboard.press('Alt+ArrowUp'));
    await saves(page, () =>
      press(page, page.getByRole('checkbox', { name: 'Must be answered' }), 'Space'));
    const added = (await pages.stored(id)).pages.at(-1).elements.at(-1);
    assert.equal(added.title, 'Which floor?');
    assert.equal(added.isRequired, true);
    assert.deepEqual(added.choices.slice(0, 2), ['First', 'Ground']);
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('makes a condition by choosing, and takes it away', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await reach(page, list(page).getByRole('button').first());
    for (let steps = 0; !(await isFocused(entry(page, 'What do you need'))); ++steps) {
      assert.ok(steps < mostSteps);
      await page.keyboard.press('ArrowDown');
    }
    await page.keyboard.press('Enter');
    const ask = page.getByRole('group', { name: 'Ask it', exact: true });
    await press(page, ask.getByRole('button', { name: 'Only when…' }));
    await choose(page, ask.getByLabel('Answer to 1'), 'Which team');
    await saves(page, () => choose(page, ask.getByLabel('Value 1'), 'Oper'));
    assert.equal((await question(id, 'tools')).visibleIf, "{team} = 'ops'");
    await press(page, ask.getByRole('button', { name: 'Add a rule' }));
    await choose(page, ask.getByLabel('Answer to 2'), 'On which');
    await choose(page, ask.getByLabel('Comparison 2'), 'is any of');
    await saves(page, () => press(page, ask.getByRole('checkbox', { name: 'Friday' }), 'Space'));
    assert.equal((await question(id, 'tools')).visibleIf,
      "{team} = 'ops' and {days} anyof ['Friday']");
    await saves(page, () =>
      press(page, ask.getByRole('button', { name: 'Take the condition away' })));
    assert.equal((await question(id, 'tools')).visibleIf, undefined);
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('imports a table and puts its kinds right', async () => {
    const page = await browser.window(
      world.probity, { tenant: world.tenant, email: world.emails.editor });
    await page.goto('/console/surveys');
    await press(page, page.getByRole('link', { name: 'Import', exact: true }));
    const file = page.getByLabel('File', { exact: true });
    await reach(page, file);
    // The dialog of the operating system is not the page's.
    await file.setInputFiles({
      name: 'floors.csv', mimeType: 'text/csv',
      buffer: Buffer.from(`Floor,Minutes\n${'Ground,5\nFirst,7\nTop,5\n'.repeat(10)}`),
    });
    await page.getByText('2 questions, 30 responses.').waitFor();
    await write(page, page.getByLabel('Title of the survey'), 'Floors');
    await choose(page, page.getByLabel('Kind of question 2'), 'Long text');
    // Until it has been looked at with the last change it takes no press, and keeps its focus.
    const importing = page.getByRole('button', { name: 'Import 30 responses' });
    await reach(page, importing);
    await page.locator('button:not([aria-disabled])', { hasText: 'Import 30 responses' }).waitFor();
    assert.ok(await isFocused(importing));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Floors', level: 1 }).waitFor();
    const id = /surveys\/([^/]+)\//.exec(page.url())![1]!;
    assert.deepEqual((await pages.stored(id)).elements.map((one: any) => one.type),
      ['radiogroup', 'comment']);
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('filters a report and makes a link to it', async () => {
    const page = await browser.window(
      world.probity, { tenant: world.tenant, email: world.emails.editor });
    await page.goto(`/console/surveys/${world.survey.id}/report`);
    await page.getByText('24 responses').waitFor();
    await press(page, page.locator('summary', { hasText: 'What is shown' }));
    const filter = page.getByRole('group', { name: 'Only responses that answered' });
    await choose(page, filter.getByLabel('Question'), 'How did we work');
    await choose(page, filter.getByLabel('Answer'), 'Remotely');
    await press(page, filter.getByRole('button', { name: 'Add' }));
    await page.locator('strong', { hasText: '8 responses' }).waitFor();
    await press(page, page.locator('summary', { hasText: 'Links for others' }));
    await write(page, page.getByLabel('What it is for'), 'For the board');
    await press(page, page.getByRole('button', { name: 'Make link' }));
    await reach(page, page.getByLabel('Link to the report'));
    await press(page, page.getByRole('button', { name: /Take away.*For the board/ }));
    await page.getByText('There are no links').waitFor();
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });
});
