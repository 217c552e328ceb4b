// The whole story as one person lives it: a first look, a survey of one's own from another tool,
// put right, published, answered on a phone, read, taken out, and the statement beside it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, screenshot, seriousIssues, watched, withoutBrowser,
} from '../support/browser.ts';
import { engines, goodPassword, Probity } from '../support/probity.ts';

const rows = Array.from({ length: 40 }, (_none, n) =>
  `${['Bus', 'Train', 'On foot'][n % 3]},${n % 11},${n % 4 ? '' : 'The stop is dark'}`);
const sheet = ['How do you come?,How likely are you to come again?,Remarks', ...rows].join('\n');
/** What the audit log must say of the story, each by the one who did it. */
const wasDone = [
  'survey.import', 'survey.publish', 'response.export', 'response.read', 'response.erase',
  'user.create', 'settings.change',
];

for (const engine of engines)
  describe(`The story on ${engine}`, { skip: withoutBrowser }, () => {
    let probity: Probity;
    let browser: Chromium;
    let page: Page;
    let link = '';

    before(async () => {
      [probity, browser] = await Promise.all([
        Probity.start({ engine, realClock: true }), Chromium.start(),
      ]);
      probity.init('main');
      await probity.serve();
      const context = await browser.context(probity);
      page = watched(await context.newPage());
    });
    after(async () => {
      await Promise.all([browser?.stop(), probity?.stop()]);
    });

    test('a first look: the demonstration, by its set-up link', async () => {
      const made = probity.commandAsOwner('init', '--demo');
      assert.equal(made.status, 0, made.err);
      const token = /\/setup\/(\S+)/.exec(made.out)?.[1] ?? '';
      await probity.until('the demonstration is there', async () =>
        (await probity.ask('GET', `/setup/${token}`)).status === 200, 5_000);
      await page.goto(`/setup/${token}`);
      for (const field of await page.locator('input[type=password]').all())
        await field.fill(goodPassword);
      await page.getByRole('button').first().click();
      await page.getByLabel(/E-mail/).fill('demo@localhost');
      await page.getByLabel('Password').fill(goodPassword);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL('**/console**');
      await page.goto('/console/surveys');
      await page.getByRole('heading', { name: 'Surveys' }).waitFor();
      await page.getByRole('main').getByRole('row').nth(3).waitFor();
      await screenshot(page, 'story-demonstration', 'light');
    });

    test('a survey of another tool is imported', async () => {
      await page.getByRole('link', { name: 'Import', exact: true }).click();
      await page.getByLabel('File', { exact: true }).setInputFiles({
        name: 'travel.csv', mimeType: 'text/csv', buffer: Buffer.from(sheet),
      });
      await page.getByText('3 questions, 40 responses.').waitFor();
      await page.getByLabel('Title of the survey').fill('How people come');
      await page.getByRole('button', { name: 'Import 40 responses' }).click();
      await page.getByRole('heading', { name: 'How people come', level: 1 }).waitFor();
      await page.getByText('40 responses').first().waitFor();
    });

    test('its questions are put right and published', async () => {
      await page.getByRole('link', { name: 'Questions' }).click();
      const list = page.getByRole('navigation', { name: 'Pages and questions' });
      await list.getByRole('button', { name: /How do you come/ }).first().click();
      const stored = page.waitForResponse((one) => one.request().method() === 'PUT');
      await page.getByLabel('Question', { exact: true }).fill('How do you come to us?');
      await stored;
      await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
      await page.getByRole('button', { name: /^Publish/ }).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: /^Publish/ }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('link', { name: 'Share' }).click();
      link = new URL(await page.getByRole('textbox', { name: 'Link for respondents' })
        .inputValue()).pathname;
      assert.match(link, /^\/s\//);
    });

    for (const script of [true, false])
      test(`it is answered on a phone ${script ? 'with' : 'without'} JavaScript`, async () => {
        const context = await browser.context(probity, { width: 320, script });
        const phone = await context.newPage();
        await phone.goto(link);
        await phone.getByRole('group', { name: /How do you come to us/ })
          .getByText('Train', { exact: true }).click();
        await phone.getByRole('button', { name: /Send/ }).click();
        await phone.getByText(/Thank you/).first().waitFor();
        if (script) assert.deepEqual(await seriousIssues(phone), []);
        await screenshot(phone, `story-thanks-${script ? 'script' : 'plain'}`, 'light');
        await context.close();
      });

    test('the report tells it, and gives it away as files', async () => {
      await page.getByRole('link', { name: 'Report', exact: true }).click();
      await page.locator('strong', { hasText: '42 responses' }).waitFor();
      await page.getByRole('heading', { name: 'How do you come to us?' }).waitFor();
      for (const [name, begins] of [['PDF', '%PDF-'], ['Workbook (XLSX)', 'PK']] as const) {
        const href = await page.getByRole('link', { name }).getAttribute('href');
        const got = await page.request.get(href ?? '');
        assert.equal(got.status(), 200, name);
        assert.ok((await got.body()).subarray(0, 5).toString('latin1').startsWith(begins), name);
      }
      const id = /surveys\/([^/]+)\//.exec(page.url())?.[1] ?? '';
      const csv = await page.request.get(`/api/v1/surveys/${id}/export.csv`);
      assert.equal(csv.status(), 200);
      assert.equal((await csv.text()).trim().split('\r\n').length, 43);
      await screenshot(page, 'story-report', 'light');
    });

    test('a response is looked at, and erased for good', async () => {
      await page.getByRole('link', { name: 'Responses', exact: true }).click();
      const responses = page.getByRole('list', { name: 'Single responses' }).locator(':scope > li');
      await responses.nth(41).waitFor();
      assert.equal(await responses.count(), 42);
      // By train came 13 of the sheet and both on the phone.
      const byTrain = responses.filter({ hasText: 'How do you come to us?' })
        .filter({ hasText: 'Train' });
      assert.equal(await byTrain.count(), 15);
      await byTrain.first().getByRole('button', { name: /^Erase/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Erase', exact: true }).click();
      await page.getByText('The response was erased.').waitFor();
      await responses.nth(41).waitFor({ state: 'detached' });
      assert.deepEqual([await responses.count(), await byTrain.count()], [41, 14]);
    });

    test('a colleague is invited, and the organisation says whom to ask', async () => {
      await page.getByRole('link', { name: 'Members', exact: true }).click();
      await page.getByRole('button', { name: 'Invite a member' }).click();
      await page.getByLabel('E-mail address').fill('reader@localhost');
      await page.getByLabel('Analyst').check();
      await page.getByRole('button', { name: 'Make invitation' }).click();
      const invitation = page.getByRole('textbox', { name: 'Invitation link' });
      assert.match(await invitation.inputValue(), /\/setup\/\S+$/);
      await page.getByRole('button', { name: 'Done' }).click();
      await page.getByRole('row', { name: /reader@localhost/ }).getByText('Analyst').waitFor();
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await page.getByLabel('Privacy contact').fill('Ask at the desk');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved.').waitFor();
      await page.reload();
      const contact = page.getByLabel('Privacy contact');
      await contact.waitFor();
      assert.equal(await contact.inputValue(), 'Ask at the desk');
    });

    test('the audit log says what was done, by whom', async () => {
      await page.getByRole('link', { name: 'Audit log' }).click();
      const entries = page.getByRole('list', { name: 'Entries of the audit log' });
      for (const action of wasDone)
        await entries.getByRole('listitem').filter({ hasText: action })
          .filter({ hasText: 'demo@localhost' }).first().waitFor();
    });

    test('the security statement is one click away', async () => {
      await page.getByRole('link', { name: 'Security statement' }).click();
      await page.getByRole('heading', { name: /statement/i, level: 1 }).waitFor();
      assert.deepEqual(await seriousIssues(page), []);
      assert.deepEqual(complaints.get(page), []);
      await screenshot(page, 'story-statement', 'light');
    });
  });
