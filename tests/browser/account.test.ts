// What members do with their own account, and owners with evidence, at the console.
// Apart from: form, report, picture.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import { Chromium, complaints, sends, withoutBrowser } from '../support/browser.ts';
import { goodPassword, type Member, Probity } from '../support/probity.ts';

const otherPassword = 'seven brown teapots whisper 12';

describe('An account, at the console', { skip: withoutBrowser, concurrency: 1 }, () => {
  let probity: Probity;
  let browser: Chromium;
  let owner: Member;
  let email: string;
  const tenant = 'main';

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin(tenant);
    email = owner.me.user.email;
    browser = await Chromium.start();
  });
  after(() => Promise.all([browser?.stop(), probity?.stop()]));

  const open = async (path: string): Promise<Page> => {
    const page = await browser.window(probity, { tenant, email });
    await page.goto(`/console${path}`);
    await page.locator('h1').waitFor();
    await page.waitForLoadState('networkidle');
    return page;
  };
  const done = async (page: Page): Promise<void> => {
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  };
  const isAlive = async (who: Member) => (await who.ask('GET', '/api/v1/me')).status === 200;

  test('one session among several is ended, and the others go on', async () => {
    const other = await probity.logIn(tenant, email, goodPassword);
    const page = await open('/account');
    const rows = page.getByRole('table', { name: 'Your sessions' }).getByRole('row');
    const before = await rows.count();
    // Newest first: that of the page, then the other one.
    await sends(page, 'DELETE', () =>
      page.getByRole('button', { name: /^End \d/ }).first().click());
    await page.getByText('The session was ended.').first().waitFor();
    await rows.nth(before - 1).waitFor({ state: 'detached' });
    assert.equal(await isAlive(other), false);
    assert.equal(await isAlive(owner), true);
    await done(page);
  });

  test('all sessions are ended at once, with the tokens where that is wanted', async () => {
    const made = await owner.must(201, 'POST', '/api/v1/tokens',
      { name: 'A program', scopes: ['surveys.read'] });
    const page = await open('/account');
    await page.getByRole('button', { name: 'End all sessions' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Also revoke all API tokens you made').check();
    await dialog.getByRole('button', { name: 'End all sessions' }).click();
    await page.waitForURL(/\/login/);
    assert.equal(await isAlive(owner), false);
    const asked = await probity.ask('GET', '/api/v1/surveys', { bearer: made.json.token });
    assert.equal(asked.status, 401);
    await done(page);
    owner = await probity.logIn(tenant, email, goodPassword);
  });

  test('whoever logs out is out', async () => {
    const page = await open('/surveys');
    await sends(page, 'POST', () => page.getByRole('button', { name: 'Log out' }).click());
    await page.waitForURL((url) => url.pathname === '/');
    const got = await page.request.get('/api/v1/me');
    assert.equal(got.status(), 401);
    assert.equal(await isAlive(owner), true);
    await done(page);
  });

  test('a password is changed, and what the policy refuses is said', async () => {
    const page = await open('/account');
    const change = async (current: string, fresh: string) => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password').fill(fresh);
      await page.getByRole('button', { name: 'Change password' }).click();
    };
    await change('this is not my password', otherPassword);
    await page.getByRole('alert').getByText('is wrong').waitFor();
    await change(goodPassword, 'password password password');
    await page.getByRole('alert').getByText(/[Cc]hoose|policy|known|guess/).first().waitFor();
    await change(goodPassword, otherPassword);
    await page.waitForURL(/\/login\?tenant=main/);
    assert.equal(await isAlive(owner), false);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(otherPassword);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(/\/console/);
    await done(page);
    owner = await probity.logIn(tenant, email, otherPassword);
    await owner.must(204, 'POST', '/api/v1/me/password',
      { current: otherPassword, new: goodPassword });
    owner = await probity.logIn(tenant, email, goodPassword);
  });

  test('evidence is filed by the hash of a document, and deleted', async () => {
    const page = await open('/evidence');
    const document = Buffer.from('A contract about nothing in particular');
    await page.getByRole('button', { name: 'File evidence' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('The document').setInputFiles(
      { name: 'contract.txt', mimeType: 'text/plain', buffer: document });
    await dialog.getByLabel('Who issued it').fill('An issuer');
    await dialog.getByLabel('Who answers for it').fill('An owner');
    await dialog.getByLabel('Issued on').fill('2026-01-31');
    await dialog.getByLabel('Expires on').fill('2026-01-30');
    await dialog.getByRole('button', { name: 'File', exact: true }).click();
    await dialog.getByRole('alert').first().waitFor();
    await dialog.getByLabel('Expires on').fill('2036-01-31');
    await sends(page, 'POST', () =>
      dialog.getByRole('button', { name: 'File', exact: true }).click());
    const row = page.getByRole('row').filter({ hasText: 'An issuer' });
    await row.waitFor();
    const [record] = (await owner.must(200, 'GET', '/api/v1/evidence')).json.items;
    assert.equal(record.sha256, createHash('sha256').update(document).digest('hex'));
    await row.getByRole('button').click();
    await sends(page, 'DELETE', () =>
      page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click());
    await row.waitFor({ state: 'detached' });
    await done(page);
  });
});
