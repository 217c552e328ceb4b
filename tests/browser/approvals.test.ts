// Two people decide, at the console: one asks, another approves (docs/for-administrators.md).
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, judged, sends, withoutBrowser,
} from '../support/browser.ts';
import { Probity, sampleAnswers, sampleQuestionnaire } from '../support/probity.ts';

describe('What two people decide, at the console', { skip: withoutBrowser, concurrency: 1 }, () => {
  let probity: Probity;
  let browser: Chromium;
  let survey: { id: string; token: string };
  let asker: Page;
  let approver: Page;
  const tenant = 'main';
  const other = 'second@main.example';

  before(async () => {
    probity = await Probity.start();
    const owner = await probity.begin(tenant);
    await owner.colleague(other, 'owner');
    survey = await owner.survey(sampleQuestionnaire);
    await probity.ask('POST', `/api/v1/public/${survey.token}/responses`,
      { body: { answers: sampleAnswers } });
    // Who approves has been a member for a day.
    await probity.advance(25 * 3600);
    browser = await Chromium.start();
    asker = await browser.window(probity, { tenant, email: owner.me.user.email });
    approver = await browser.window(probity, { tenant, email: other });
  });
  after(async () => {
    contactSheet();
    await Promise.all([browser?.stop(), probity?.stop()]);
  });

  const open = async (page: Page, path: string): Promise<void> => {
    await page.goto(`/console${path}`);
    await page.locator('h1').waitFor();
    await page.waitForLoadState('networkidle');
  };
  /** Presses a button, and the same in the question that follows. */
  const sure = async (page: Page, name: string, method: string): Promise<void> => {
    await page.getByRole('button', { name }).click();
    const dialog = page.getByRole('dialog');
    await sends(page, method, () => dialog.getByRole('button', { name }).click());
    await dialog.waitFor({ state: 'detached' });
  };
  const rowOf = (page: Page, what: string) => page.getByRole('row').filter({ hasText: what });
  const quiet = (page: Page): void => assert.deepEqual(complaints.get(page), []);

  test('an owner asks for a second person from now on', async () => {
    await open(asker, '/settings');
    await asker.getByRole('button', { name: 'Ask for a second person' }).click();
    await asker.getByText('See first that there are two owners').waitFor();
    await judged(asker, 'approval-rule');
    await asker.keyboard.press('Escape');
    await sure(asker, 'Ask for a second person', 'PATCH');
    await asker.getByText('takes a second person here').waitFor();
    quiet(asker);
  });

  test('a survey that one deletes waits, and its asker sees that it does', async () => {
    await open(asker, `/surveys/${survey.id}/settings`);
    await asker.getByRole('button', { name: 'Delete survey' }).click();
    const dialog = asker.getByRole('dialog');
    await dialog.getByRole('textbox').fill(sampleQuestionnaire.title);
    await dialog.getByRole('button', { name: 'Delete survey' }).click();
    await asker.getByRole('heading', { name: 'Approvals', level: 1 }).waitFor();
    const row = rowOf(asker, 'Delete a survey');
    await row.getByText(sampleQuestionnaire.title).first().waitFor();
    await row.getByText('You', { exact: true }).waitFor();
    await row.getByText('Waits').waitFor();
    assert.equal(await row.getByRole('button', { name: 'Approve' }).count(), 0);
    quiet(asker);
  });

  test('fewer days and one response wait too, and the archive', async () => {
    await open(asker, `/surveys/${survey.id}/settings`);
    await asker.getByLabel('Delete responses after').fill('30');
    await sends(asker, 'PATCH', () => asker.getByRole('button', { name: 'Save' }).click());
    await asker.getByText('Asked for.').first().waitFor();
    await open(asker, `/surveys/${survey.id}/responses`);
    await sure(asker, 'Erase', 'DELETE');
    await open(asker, '/export');
    await sends(asker, 'POST', () => asker.getByRole('button', { name: 'Make archive' }).click());
    await asker.locator('main').getByRole('link', { name: 'Approvals' }).click();
    await rowOf(asker, 'Take everything out').waitFor();
    await rowOf(asker, 'Keep responses for fewer days')
      .getByText('from no limit to 30 days').first().waitFor();
    await rowOf(asker, 'Erase one response').waitFor();
    await judged(asker, 'approvals-asked');
    quiet(asker);
  });

  test('a second person sees who asks, approves, refuses, and it is done or not', async () => {
    await open(approver, '/approvals');
    const row = rowOf(approver, 'Delete a survey');
    await row.getByText('owner@main.example').waitFor();
    await row.getByText('1 response').first().waitFor();
    const all = rowOf(approver, 'Take everything out');
    await all.getByRole('button', { name: 'Approve' }).click();
    await approver.getByText('done as soon as you approve').waitFor();
    await judged(approver, 'approve');
    await sends(approver, 'POST', () =>
      approver.getByRole('dialog').getByRole('button', { name: 'Approve' }).click());
    await all.getByText('Approved').waitFor();
    const erase = rowOf(approver, 'Erase one response');
    await sends(approver, 'POST', () => erase.getByRole('button', { name: 'Refuse' }).click());
    await erase.getByText('Refused').waitFor();
    await row.getByRole('button', { name: 'Approve' }).click();
    await sends(approver, 'POST', () =>
      approver.getByRole('dialog').getByRole('button', { name: 'Approve' }).click());
    await row.getByText('Approved').waitFor();
    await row.getByText('A survey that is deleted').waitFor();
    quiet(approver);
    await open(asker, '/approvals');
    await judged(asker, 'approvals');
    const saved = asker.waitForEvent('download');
    await rowOf(asker, 'Take everything out')
      .getByRole('link', { name: 'Download archive' }).click();
    assert.match((await saved).suggestedFilename(), /\.tar\.gz$/);
    quiet(asker);
  });

  test('what is asked about a survey that is gone is withdrawn by whoever asked', async () => {
    await open(asker, '/approvals');
    const days = rowOf(asker, 'Keep responses for fewer days');
    await sends(asker, 'POST', () => days.getByRole('button', { name: 'Withdraw' }).click());
    await days.getByText('Withdrawn').waitFor();
  });

  test('the rule ends when another owner approves that', async () => {
    await open(asker, '/settings');
    await sure(asker, 'End this', 'PATCH');
    await asker.getByText('Asked for.').first().waitFor();
    await open(approver, '/approvals');
    const row = rowOf(approver, 'Let one person decide alone again');
    await row.getByRole('button', { name: 'Approve' }).click();
    await sends(approver, 'POST', () =>
      approver.getByRole('dialog').getByRole('button', { name: 'Approve' }).click());
    await row.getByText('Approved').waitFor();
    await open(asker, '/settings');
    await asker.getByText('One person can delete a survey').waitFor();
    quiet(asker);
  });
});
