// The editor: conditions, languages, preview, publishing, versions, keyboard alone.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, judged, screenshot, seriousIssues, withoutBrowser,
} from '../support/browser.ts';
import { startWorld, type World } from '../support/console-world.ts';
import {
  EditorPages, entry, list, namesIn, saves, whole,
} from '../support/editor-pages.ts';

let world: World;
let browser: Chromium;
let pages: EditorPages;

const setUp = async (): Promise<void> => {
  [world, browser] = await Promise.all([startWorld(), Chromium.start()]);
  pages = new EditorPages(world, browser);
};
const takeDown = async (): Promise<void> => {
  contactSheet();
  await Promise.all([browser?.stop(), world?.probity.stop()]);
};
const noComplaints = (page: Page): void => assert.deepEqual(complaints.get(page), []);

describe('The editor and what a survey asks when', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  const conditionOf = async (id: string, page: number, name: string): Promise<unknown> => {
    const { elements } = (await pages.stored(id)).pages[page];
    return elements.find((one: any) => one.name === name).visibleIf;
  };

  test('a condition is chosen: question, comparison, value, groups', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'What do you need').click();
    const ask = page.getByRole('group', { name: 'Ask it', exact: true });
    await ask.getByRole('button', { name: 'Only when…' }).click();
    await ask.getByLabel('Answer to 1').selectOption({ label: 'Which team are you in?' });
    await saves(page, () => ask.getByLabel('Value 1').selectOption({ label: 'Operations' }));
    assert.equal(await conditionOf(id, 1, 'tools'), "{team} = 'ops'");
    await ask.getByRole('button', { name: 'Add a rule' }).click();
    await ask.getByLabel('Answer to 2').selectOption({ label: 'On which days are you in?' });
    await ask.getByLabel('Comparison 2').selectOption({ label: 'is any of' });
    await ask.getByRole('checkbox', { name: 'Monday' }).check();
    await saves(page, () => ask.getByRole('checkbox', { name: 'Friday' }).check());
    assert.equal(await conditionOf(id, 1, 'tools'),
      "{team} = 'ops' and {days} anyof ['Monday', 'Friday']");
    const how = ask.getByLabel('How the rules belong together');
    await saves(page, () => how.selectOption({ label: 'any of these holds' }));
    await ask.getByRole('button', { name: 'Add a group of rules' }).click();
    const inner = ask.getByLabel('Answer to 1').last();
    await inner.selectOption({ label: 'How happy are you with the new place?' });
    await ask.getByLabel('Comparison 1').last().selectOption({ label: 'is less than' });
    await ask.getByLabel('Value 1').last().selectOption('5');
    await ask.getByLabel('Answer to 2').last().selectOption({ label: 'Is it quiet enough?' });
    await saves(page, () => ask.getByLabel('Value 2').last().selectOption({ label: 'No' }));
    const said = "{team} = 'ops' or {days} anyof ['Monday', 'Friday'] or " +
      '({happy} < 5 and {quiet} = false)';
    assert.equal(await conditionOf(id, 1, 'tools'), said);
    await judged(page, 'editor-rules');
    await ask.getByRole('button', { name: 'Edit as text' }).click();
    const text = ask.getByRole('textbox');
    assert.equal(await text.inputValue(), said);
    await text.fill('{quiet} = true and {nobody} = 1');
    await page.getByText(/"nobody", which is no question here/).first().waitFor();
    await saves(page, () => text.fill('{quiet} = true'));
    await ask.getByRole('button', { name: 'Choose instead' }).click();
    assert.equal(await ask.getByLabel('Value 1').inputValue(), 'true');
    await saves(page, () =>
      ask.getByRole('button', { name: 'Take the condition away' }).click());
    assert.equal(await conditionOf(id, 1, 'tools'), undefined);
    noComplaints(page);
    await page.context().close();
  });

  test('a condition that says more is shown as text and stays as it is', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'Anything else').click();
    await page.getByText('This condition says more than can be chosen here').waitFor();
    await saves(page, () =>
      page.getByRole('textbox', { name: 'Question', exact: true }).fill('Else?'));
    assert.equal(await conditionOf(id, 1, 'more'),
      '{happy} < 7 and ({quiet} = false or {minutes} + 1 > 2)');
    await page.context().close();
  });

  test('languages stand side by side, from right to left where they are written so', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await page.getByRole('button', { name: 'Languages', exact: true }).click();
    assert.match(await page.getByLabel('Language', { exact: true }).innerText(),
      /German: \d+ texts/);
    await page.getByLabel('Add a language').fill('ar');
    await page.getByRole('button', { name: 'Add a language' }).click();
    const team = page.getByRole('textbox', { name: 'Which team are you in?, Title in Arabic' });
    assert.equal(await team.getAttribute('dir'), 'rtl');
    await saves(page, () => team.fill('في أي فريق أنت؟'));
    const first = page.getByRole('textbox', { name: 'Which team are you in?, Answer 1 in Arabic' });
    await saves(page, () => first.fill('تصميم'));
    const asked = (await pages.stored(id)).pages[0].elements[1];
    assert.deepEqual(asked.title, { default: 'Which team are you in?', ar: 'في أي فريق أنت؟' });
    assert.deepEqual(asked.choices[0],
      { value: 'Design', text: { default: 'Design', ar: 'تصميم' } });
    await judged(page, 'editor-languages');
    await page.getByRole('checkbox', { name: 'Show only what is missing' }).check();
    assert.equal(await team.count(), 0);
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    await page.getByLabel('Language', { exact: true }).selectOption('ar');
    const frame = page.frameLocator('iframe');
    await frame.getByText('في أي فريق أنت؟').waitFor();
    assert.equal(await frame.locator('html').getAttribute('dir'), 'rtl');
    await page.getByRole('button', { name: 'Languages', exact: true }).click();
    await page.getByLabel('Language', { exact: true }).selectOption('ar');
    await saves(page, () => page.getByRole('button', { name: 'Take Arabic out' }).click());
    assert.doesNotMatch(JSON.stringify(await pages.stored(id)), /"ar"/);
    noComplaints(page);
    await page.context().close();
  });

  test('the preview is the draft as respondents see it, page by page', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'Which team').click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Whose team?');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    const frame = page.frameLocator('iframe');
    await frame.getByText('Whose team?').waitFor();
    const width = await page.locator('iframe').evaluate((one) => one.clientWidth);
    assert.ok(width >= 320 && width <= 430, `${width} px`);
    await judged(page, 'editor-preview');
    await page.getByLabel('Screen').selectOption({ label: 'Wide' });
    await screenshot(page, 'editor-preview-wide', 'light');
    await frame.getByLabel('By train').or(frame.locator('select')).first().waitFor();
    await frame.getByRole('button', { name: 'Continue' }).click();
    await frame.getByText('What you think').waitFor();
    await page.getByRole('button', { name: 'Begin again' }).click();
    await frame.getByText('Whose team?').waitFor();
    noComplaints(page);
    await page.context().close();
  });

  test('what is published again is shown first; versions say what they changed', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText('takes answers now').waitFor();
    await entry(page, 'Is it quiet').click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Quiet enough?');
    // At once: what was typed last is stored before it is published.
    await page.getByText('unpublished changes').waitFor();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Is it calm?');
    await page.getByRole('button', { name: 'Publish changes' }).click();
    const dialog = page.getByRole('dialog', { name: 'Publish these changes?' });
    await dialog.getByText(/Is it calm\?/).first().waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'publish-changes', 'light');
    await dialog.getByRole('button', { name: 'Publish changes' }).click();
    await page.getByText('takes answers now').last().waitFor();
    await saves(page, () =>
      page.getByRole('textbox', { name: 'Question', exact: true }).fill('Is it still?'));
    await page.getByRole('link', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'What changed in version 2' }).click();
    const changes = page.getByRole('region', { name: /What version 2 changed/ });
    await changes.getByText(/Is it calm\?/).first().waitFor();
    await judged(page, 'versions-changes');
    await page.getByRole('button', { name: 'Use as draft (1)' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Use as draft' }).click();
    await page.getByText('Version 1 is the draft now.').waitFor();
    const { elements } = (await pages.stored(id)).pages[1];
    assert.equal(elements[1].title, 'Is it quiet enough?');
    noComplaints(page);
    await page.context().close();
  });

  test('a survey begins from a template, in its languages', async () => {
    const page = await pages.open(await pages.make());
    await page.goto('/console/surveys');
    await page.getByRole('button', { name: 'New survey' }).click();
    await page.getByLabel('Begin with').selectOption({ index: 1 });
    await page.getByText(/In English, Spanish, French, German/).waitFor();
    await page.getByRole('button', { name: 'Make draft' }).click();
    await list(page).waitFor();
    await page.getByRole('button', { name: 'Languages', exact: true }).click();
    assert.match(await page.getByLabel('Language', { exact: true }).innerText(),
      /German: complete/);
    noComplaints(page);
    await page.context().close();
  });

  test('the keyboard alone adds, changes, orders, deletes and takes back', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    const at = (): Promise<string> =>
      page.evaluate('document.activeElement.textContent.trim()') as Promise<string>;
    const order = async (): Promise<string[]> =>
      namesIn((await pages.stored(id)).pages[1].elements).slice(3, 5);
    await entry(page, 'How do we reach').focus();
    await page.keyboard.press('ArrowUp');
    assert.match(await at(), /What comes first/);
    await page.keyboard.press('ArrowDown');
    await saves(page, () => page.keyboard.press('Alt+ArrowUp'));
    assert.match(await at(), /How do we reach/);
    assert.deepEqual(await order(), ['contact', 'first']);
    await page.getByText('How do we reach you?: now 4 of 7 on What you think').waitFor();
    await saves(page, () => page.keyboard.press('Delete'));
    assert.match(await at(), /What comes first/);
    await saves(page, () => page.keyboard.press('Control+z'));
    await saves(page, () => page.keyboard.press('Control+z'));
    assert.deepEqual(await order(), ['first', 'contact']);
    await saves(page, () => page.keyboard.press('Control+Shift+z'));
    assert.deepEqual(await order(), ['contact', 'first']);
    await list(page).getByRole('button', { name: /^Add a question/ }).last().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Tab');
    await saves(page, () => page.keyboard.press('Enter'));
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const added = (await pages.stored(id)).pages[1].elements.at(-1);
    assert.equal(added.type, 'checkbox');
    noComplaints(page);
    await page.context().close();
  });

  test('the only page stays; a page with its questions goes and comes back', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    // The conditions of the second page ask for the first: it goes.
    await entry(page, 'What you think').focus();
    await saves(page, () => page.keyboard.press('Delete'));
    assert.equal((await pages.stored(id)).pages.length, 1);
    await entry(page, 'About you').focus();
    await page.keyboard.press('Delete');
    assert.equal(await entry(page, 'About you').count(), 1);
    await saves(page, () => page.getByRole('button', { name: 'Undo' }).first().click());
    assert.deepEqual((await pages.stored(id)).pages.map((one: any) => namesIn(one.elements)),
      whole.pages.map((one) => namesIn(one.elements)));
    await page.context().close();
  });

  test('who may not edit looks and changes nothing', async () => {
    const id = await pages.make();
    const page = await browser.window(
      world.probity, { tenant: world.tenant, email: world.emails.analyst });
    await page.goto(`/console/surveys/${id}/questions`);
    await page.getByText('may look at the questions but not change them').waitFor();
    await entry(page, 'Which team').click();
    assert.ok(await page.getByRole('textbox', { name: 'Question', exact: true }).isDisabled());
    assert.equal(await list(page).getByRole('button', { name: /^Add/ }).count(), 0);
    await page.context().close();
  });
});
