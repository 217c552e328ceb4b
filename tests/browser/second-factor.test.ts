// A second factor as people meet it: set up at the console, asked for on the page that logs in and
// over a page whose session has ended, required of a role, reset by an owner.
// Apart from: form, report, picture, attest, keep.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import { codeAt, stepMs } from '../support/authenticator.ts';
import {
  Chromium, complaints, contactSheet, judged, sends, withoutBrowser,
} from '../support/browser.ts';
import { moveTo, nowOf } from '../support/clock.ts';
import { goodPassword, type Member, Probity } from '../support/probity.ts';

describe('A second factor, in the browser', { skip: withoutBrowser, concurrency: 1 }, () => {
  let probity: Probity;
  let browser: Chromium;
  let owner: Member;
  let page: Page;
  let secret = '';
  let codes: string[] = [];
  const tenant = 'main';
  const editor = 'editor@main.example';

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin(tenant);
    await owner.colleague(editor, 'editor');
    browser = await Chromium.start();
    page = await browser.window(probity, { tenant, email: owner.me.user.email });
  });
  after(async () => {
    contactSheet();
    await Promise.all([browser?.stop(), probity?.stop()]);
  });

  const open = async (window: Page, path: string): Promise<void> => {
    await window.goto(`/console${path}`);
    await window.locator('h1').waitFor();
    await window.waitForLoadState('networkidle');
  };
  const fresh = async (): Promise<string> => {
    await moveTo(probity, (Math.floor(await nowOf(probity) / stepMs) + 1) * stepMs + 100);
    return codeAt(secret, await nowOf(probity));
  };
  /** From the password to the code that is shown, as the page asks for them. */
  const setUp = async (window: Page, screen: string): Promise<void> => {
    await window.getByLabel('Your password').fill('not my password at all');
    await window.getByRole('button', { name: 'Go on' }).click();
    await window.getByText('This is not your password.').waitFor();
    await window.getByLabel('Your password').fill(goodPassword);
    await window.getByRole('button', { name: 'Go on' }).click();
    await window.getByRole('img', { name: 'Code to scan' }).waitFor();
    secret = (await window.locator('code').innerText()).replace(/\s/g, '');
    await judged(window, `${screen}-scan`);
    await window.getByLabel('Code', { exact: true }).fill('000000');
    await window.getByRole('button', { name: 'Set up', exact: true }).click();
    await window.getByText('It is not the code the app shows now').first().waitFor();
    await window.getByLabel('Code', { exact: true }).fill(codeAt(secret, await nowOf(probity)));
    await sends(window, 'POST', () =>
      window.getByRole('button', { name: 'Set up', exact: true }).click());
    await window.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    codes = await window.locator('li code').allInnerTexts();
    assert.equal(codes.length, 10);
    await judged(window, `${screen}-codes`);
    await window.getByRole('button', { name: 'I have kept them' }).click();
  };
  const quiet = (window: Page): void => assert.deepEqual(complaints.get(window), []);

  test('a member sets up an app under the account', async () => {
    await open(page, '/account');
    await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
    await setUp(page, 'factor');
    await page.getByRole('rowheader', { name: 'Authenticator app' }).waitFor();
    await page.getByText('10 recovery codes are left.').waitFor();
    await judged(page, 'factors');
    quiet(page);
  });

  test('the page that logs in asks for the code, also at 320 px without script', async () => {
    for (const script of [true, false]) {
      const context = await browser.context(probity, { width: 320, script });
      const window = await context.newPage();
      await window.goto(`/login?tenant=${tenant}`);
      await window.getByLabel('E-mail address').fill(owner.me.user.email);
      await window.getByLabel('Password').fill(goodPassword);
      await window.getByRole('button', { name: 'Log in' }).click();
      await window.getByRole('heading', { name: 'Second factor' }).waitFor();
      if (script) await judged(window, 'login-code');
      await window.getByLabel('Code').fill('123456');
      await window.getByRole('button', { name: 'Log in' }).click();
      await window.getByText('This code is wrong').waitFor();
      await window.getByLabel('Code').fill(script ? await fresh() : codes.pop() ?? '');
      await window.getByRole('button', { name: 'Log in' }).click();
      await window.waitForURL(/\/console/);
      await context.close();
    }
  });

  test('over a page whose session has ended the code is asked for as well', async () => {
    await open(page, '/settings');
    await page.context().clearCookies();
    await page.getByLabel('Privacy contact').fill('Somebody to ask');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Password').fill(goodPassword);
    await dialog.getByRole('button', { name: 'Log in', exact: true }).click();
    await dialog.getByLabel('Code of your authenticator app').fill(await fresh());
    await judged(page, 'ended-code');
    await dialog.getByRole('button', { name: 'Log in', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Privacy contact').inputValue(), 'Somebody to ask');
    quiet(page);
  });

  test('a role that needs one finds nothing else until it is set up', async () => {
    await open(page, '/settings');
    const rule = page.getByRole('region', { name: 'Second factor' });
    await rule.getByLabel('Editor').check();
    await sends(page, 'PATCH', () => rule.getByRole('button', { name: 'Require it' }).click());
    await page.getByText('Saved.').first().waitFor();
    await judged(page, 'factor-rule');

    const window = await browser.window(probity, { tenant, email: editor });
    const kept = secret;
    await open(window, '/surveys');
    await window.getByRole('heading', { name: 'Set up your second factor' }).waitFor();
    assert.equal(await window.getByRole('navigation').count(), 0);
    await judged(window, 'enrolment');
    await setUp(window, 'enrolment');
    await window.getByRole('heading', { name: 'Surveys', level: 1 }).waitFor();
    quiet(window);
    await window.context().close();
    secret = kept;
  });

  test('an owner resets the factor of somebody who lost it', async () => {
    await open(page, '/members');
    await page.getByRole('button', { name: `Change ${editor}` }).click();
    await page.getByRole('button', { name: 'Reset second factor' }).click();
    const dialog = page.getByRole('dialog');
    await judged(page, 'factor-reset');
    await sends(page, 'POST', () =>
      dialog.getByRole('button', { name: 'Reset second factor' }).click());
    await dialog.waitFor({ state: 'detached' });
    const entered = await probity.ask('POST', '/api/v1/login',
      { body: { tenant, email: editor, password: goodPassword } });
    assert.equal(entered.status, 200, entered.text);
    assert.equal(entered.json.enrolment_due, true);
    quiet(page);
  });

  test('what is not needed can be taken away again, with the password', async () => {
    await open(page, '/account');
    const prove = async (button: string, code: string) => {
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Your password').fill(goodPassword);
      await dialog.getByRole('button', { name: button }).click();
      await dialog.getByLabel('Code of your authenticator app').fill('000000');
      await dialog.getByRole('button', { name: button }).click();
      await dialog.getByText('Password or second factor is wrong').waitFor();
      await dialog.getByLabel('Code of your authenticator app').fill(code);
      await sends(page, 'POST', () => dialog.getByRole('button', { name: button }).click());
    };
    await page.getByRole('button', { name: 'Make new recovery codes' }).click();
    await prove('Make new recovery codes', await fresh());
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    const renewed = await page.locator('li code').allInnerTexts();
    assert.equal(renewed.filter((code) => codes.includes(code)).length, 0);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByRole('button', { name: 'Remove Authenticator app' }).click();
    await judged(page, 'factor-remove');
    await prove('Remove', renewed[0] ?? '');
    await page.getByText('Whoever knows your password can log in as you').waitFor();
    quiet(page);
  });
});
