// The editor of questionnaires in a real browser: built, changed, undone, stored, joined.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, judged, screenshot, sends, seriousIssues, withoutBrowser,
} from '../support/browser.ts';
import { goodPassword, hostile, startWorld, type World } from '../support/console-world.ts';
import {
  EditorPages, entry, isSaved, list, namesIn, saves, whole,
} from '../support/editor-pages.ts';
import type { Member } from '../support/probity.ts';

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

describe('The editor', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  test('fits, is seen and is read aloud at every width, light and dark', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    const shown: readonly (readonly [string, string | null])[] = [
      ['editor', null], ['editor-choices', 'Which team are you in?'],
      ['editor-condition', 'Anything else?'], ['editor-matrix', 'How far do you agree?'],
      ['editor-survey', 'The survey as a whole'],
    ];
    for (const [name, question] of shown) {
      if (question !== null) await entry(page, question).click();
      await judged(page, name);
    }
    noComplaints(page);
    await page.context().close();
  });

  test('every kind of question is added, changed and stored', async () => {
    const id = await pages.make({ title: 'Empty', pages: [{ name: 'page1', elements: [] }] });
    const page = await pages.open(id);
    const kinds = [
      'One of a list', 'Several of a list', 'One of a long list', 'Several of a long list', 'Scale',
      'Yes or no', 'Ranking', 'Table of scales', 'Short text', 'Long text', 'Several short texts',
    ];
    for (const kind of kinds) {
      await list(page).getByRole('button', { name: /^Add a question/ }).click();
      const dialog = page.getByRole('dialog');
      if (kind === kinds[0]) {
        assert.deepEqual(await seriousIssues(page), []);
        await screenshot(page, 'editor-add', 'light');
      }
      await dialog.getByRole('button', { name: new RegExp(`^${kind}`) }).click();
      await page.getByRole('textbox', { name: 'Question', exact: true }).fill(`About ${kind}?`);
    }
    await isSaved(page);
    await page.getByRole('checkbox', { name: 'Must be answered' }).check();
    await list(page).getByRole('button', { name: /^Add a question/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: /^Text to read/ }).click();
    await saves(page, () =>
      page.getByRole('textbox', { name: 'Text', exact: true }).fill(`<p>${hostile}</p>`));
    const elements = (await pages.stored(id)).pages[0].elements as any[];
    assert.deepEqual(elements.map((one) => one.type), ['radiogroup', 'checkbox', 'dropdown',
      'tagbox', 'rating', 'boolean', 'ranking', 'matrix', 'text', 'comment', 'multipletext',
      'html']);
    assert.deepEqual(elements.slice(0, 11).map((one) => one.title),
      kinds.map((kind) => `About ${kind}?`));
    assert.equal(elements[10].isRequired, true);
    assert.equal(await page.evaluate('window.hurt'), undefined);
    noComplaints(page);
    await page.context().close();
  });

  test('answers are typed, ordered and pasted; values follow until they are in use', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'Which team').click();
    const answer = (n: number) => page.getByRole('textbox', { name: `Answers: Text of ${n}` });
    await answer(1).fill('Drawing');
    await answer(1).press('Enter');
    await page.keyboard.type('Writing');
    await saves(page, () => page.keyboard.press('Alt+ArrowUp'));
    const choices = async () =>
      (await pages.stored(id)).pages[0].elements.find((one: any) => one.name === 'team').choices;
    assert.deepEqual(await choices(),
      ['Writing', 'Drawing', 'Research', { value: 'ops', text: 'Operations' }]);
    await page.getByRole('button', { name: 'Type or paste many' }).first().click();
    await page.getByLabel(/^One on each line/).fill('Writing\nops | Running things\nNew');
    await saves(page, () => page.getByRole('button', { name: 'Take these' }).click());
    assert.deepEqual(await choices(),
      ['Writing', { value: 'ops', text: 'Running things' }, 'New']);
    await world.owner.must(200, 'POST', `/api/v1/surveys/${id}/publish`);
    await page.reload();
    await entry(page, 'Which team').click();
    await saves(page, () => answer(1).fill('Authors'));
    assert.deepEqual((await choices())[0], { value: 'Writing', text: 'Authors' });
    noComplaints(page);
    await page.context().close();
  });

  test('questions are moved, duplicated, deleted, and everything is taken back', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'Is it quiet').click();
    const tools = page.getByRole('group', { name: 'Actions' });
    await saves(page, () => tools.getByRole('button', { name: 'Move up' }).click());
    assert.deepEqual(namesIn((await pages.stored(id)).pages[1].elements).slice(0, 2),
      ['quiet', 'happy']);
    await saves(page, () => tools.getByLabel('Move to page').selectOption({ label: 'About you' }));
    assert.equal(namesIn((await pages.stored(id)).pages[0].elements).at(-1), 'quiet');
    await saves(page, () => tools.getByRole('button', { name: 'Duplicate' }).click());
    assert.deepEqual(namesIn((await pages.stored(id)).pages[0].elements).slice(-2),
      ['quiet', 'quiet2']);
    await saves(page, () => tools.getByRole('button', { name: 'Delete' }).click());
    await page.getByText('“Is it quiet enough?” was deleted.').waitFor();
    await saves(page, () =>
      page.getByRole('button', { name: 'Undo' }).last().click());
    assert.deepEqual(namesIn((await pages.stored(id)).pages[0].elements).slice(-2),
      ['quiet', 'quiet2']);
    const undo = page.getByRole('button', { name: 'Undo' }).first();
    await saves(page, async () => {
      for (let n = 0; n < 3; ++n) await undo.click();
    });
    assert.deepEqual((await pages.stored(id)).pages.map((one: any) => namesIn(one.elements)),
      whole.pages.map((one) => namesIn(one.elements)));
    await saves(page, () => page.getByRole('button', { name: 'Redo' }).click());
    assert.deepEqual(namesIn((await pages.stored(id)).pages[1].elements).slice(0, 2),
      ['quiet', 'happy']);
    noComplaints(page);
    await page.context().close();
  });

  test('a name is changed with the conditions that use it; a bad one is not taken', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'How happy').click();
    await page.getByText('More', { exact: true }).click();
    const name = page.getByLabel('Name in the data');
    await name.fill('quiet');
    await page.getByText('has this name').waitFor();
    await saves(page, () => name.fill('gladness'));
    const more = (await pages.stored(id)).pages[1].elements.at(-1);
    assert.match(more.visibleIf, /^\{gladness\} < 7 and/);
    await page.context().close();
  });

  test('what the server refuses is said where it belongs, and saving goes on after', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'On which days').click();
    const most = page.getByLabel('At most so many');
    await page.getByLabel('At least so many').fill('3');
    await page.getByText('Not saved: 1 thing needs to be put right').waitFor();
    await page.getByText(/is below “at least so many”/).first().waitFor();
    assert.equal(await most.getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'editor-refused', 'light');
    await entry(page, 'How happy').click();
    await page.getByRole('alert').getByRole('button', { name: 'On which days' }).click();
    await saves(page, () => most.fill('3'));
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.context().close();
  });

  test('a server that is away loses nothing: it is told, tried again, stored', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await page.route('**/api/v1/surveys/**', (route) => route.abort());
    await entry(page, 'Anything else').click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('What else?');
    await page.getByRole('alert').getByText('What you typed is still here').waitFor();
    await page.getByRole('link', { name: 'Report' }).click();
    await page.getByRole('heading', { name: 'Leave without saving?' }).waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();
    await page.unroute('**/api/v1/surveys/**');
    await saves(page, () => page.getByRole('button', { name: 'Try again' }).click());
    assert.equal((await pages.stored(id)).pages[1].elements.at(-1).title, 'What else?');
    await page.context().close();
  });

  test('leaving right after typing stores it, without a question', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'Anything else').click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Last words?');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Facts' }).waitFor();
    assert.equal((await pages.stored(id)).pages[1].elements.at(-1).title, 'Last words?');
    await page.context().close();
  });

  test('a session that ends while somebody types: all of it is stored after log-in', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await entry(page, 'Anything else').click();
    const again = await world.probity.logIn(world.tenant, world.emails.editor, goodPassword);
    await again.must(204, 'POST', '/api/v1/sessions/revoke-all', {});
    const title = page.getByRole('textbox', { name: 'Question', exact: true });
    await title.fill('Typed as the session ended');
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await isSaved(page);
    assert.equal(await title.inputValue(), 'Typed as the session ended');
    assert.equal((await pages.stored(id)).pages[1].elements.at(-1).title,
      'Typed as the session ended');
    await page.context().close();
  });
});

describe('Two editors of one survey', { skip: withoutBrowser }, () => {
  let other: Member;
  before(async () => {
    await setUp();
    other = await world.probity.logIn(world.tenant, world.emails.owner, goodPassword);
  });
  after(takeDown);

  const change = async (id: string, turn: (document: any) => void): Promise<void> => {
    const document = structuredClone(await pages.stored(id));
    turn(document);
    await other.must(200, 'PUT', `/api/v1/surveys/${id}`, document);
  };

  test('different things are joined, and both are stored', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await change(id, (document) => { document.pages[1].elements[0].title = 'By the other'; });
    await entry(page, 'Anything else').click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('By me');
    const dialog = page.getByRole('dialog', { name: 'Somebody else changed this survey too' });
    await dialog.getByText('You changed different things').waitFor();
    await saves(page, () => dialog.getByRole('button', { name: 'Save both together' }).click());
    const { elements } = (await pages.stored(id)).pages[1];
    assert.deepEqual([elements[0].title, elements.at(-1).title], ['By the other', 'By me']);
    noComplaints(page);
    await page.context().close();
  });

  test('what both changed is chosen, and a deletion does not take work away', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await change(id, (document) => {
      document.pages[1].elements[0].title = 'By the other';
      document.pages[1].elements.splice(1, 1);
      document.pages[1].elements.at(-1).visibleIf = '{happy} < 7';
    });
    await entry(page, 'How happy').click();
    const title = page.getByRole('textbox', { name: 'Question', exact: true });
    await title.fill('By me');
    const dialog = page.getByRole('dialog', { name: 'Somebody else changed this survey too' });
    await dialog.getByText('Both of you changed these').waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await judged(page, 'editor-merge');
    await page.keyboard.press('Escape');
    await dialog.waitFor();
    await dialog.getByRole('radio', { name: /^Theirs/ }).check();
    await dialog.getByRole('button', { name: 'Save both together' }).click();
    await isSaved(page);
    const { elements } = (await pages.stored(id)).pages[1];
    assert.equal(elements[0].title, 'By the other');
    assert.ok(!namesIn(elements).includes('quiet'));
    await page.context().close();
  });

  test('settings that moved on are no quarrel, and saving goes on from there', async () => {
    const id = await pages.make();
    const page = await pages.open(id);
    await other.must(200, 'PATCH', `/api/v1/surveys/${id}/settings`, { response_cap: 7 });
    await entry(page, 'Anything else').click();
    const title = page.getByRole('textbox', { name: 'Question', exact: true });
    await sends(page, 'PUT', () => title.fill('One'));
    await isSaved(page);
    assert.equal((await pages.stored(id)).pages[1].elements.at(-1).title, 'One');
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.context().close();
  });
});
