// Rules for passwords as people meet them: chosen in the settings, a reminder above every page, and
// the one form that opens when a password has reached its age.
// Apart from: form, report, picture, attest, keep.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, judged, sends, withoutBrowser,
} from '../support/browser.ts';
import { goodPassword, type Member, Probity } from '../support/probity.ts';

const otherPassword = 'seven brown teapots whisper 12';
const dayS = 24 * 60 * 60;

describe('Rules for passwords, in the browser', { skip: withoutBrowser, concurrency: 1 }, () => {
  let probity: Probity;
  let browser: Chromium;
  let owner: Member;
  const tenant = 'main';

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin(tenant);
    browser = await Chromium.start();
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
  const fresh = (): Promise<Page> =>
    browser.window(probity, { tenant, email: owner.me.user.email });
  const quiet = async (window: Page): Promise<void> => {
    assert.deepEqual(complaints.get(window), []);
    await window.context().close();
  };

  test('an owner chooses them, and each is told in words', async () => {
    const window = await fresh();
    await open(window, '/settings');
    const rules = window.getByRole('region', { name: 'Passwords' });
    await rules.getByRole('radio', { name: /^Long, and never changed/ }).waitFor();
    assert.ok(await rules.getByRole('button', { name: 'Use these rules' }).isDisabled());
    await rules.getByRole('radio', { name: /^New every 30 days/ }).check();
    await judged(window, 'password-rules');
    await sends(window, 'PATCH', () =>
      rules.getByRole('button', { name: 'Use these rules' }).click());
    await window.getByText('New passwords follow these rules.').first().waitFor();
    await open(window, '/account');
    await window.getByText('none anybody here uses').waitFor();
    await judged(window, 'password-rules-account');
    await quiet(window);
  });

  test('before its age a password reminds of itself above every page', async () => {
    await probity.advance(26 * dayS);
    const window = await fresh();
    await open(window, '/surveys');
    await window.getByText(/^Your password ends on/).waitFor();
    await judged(window, 'password-reminder');
    await window.getByRole('link', { name: 'Set a new one' }).click();
    await window.getByRole('heading', { name: 'Change password' }).waitFor();
    await quiet(window);
  });

  test('at its age there is one form, and after it everything again', async () => {
    await probity.advance(5 * dayS);
    const window = await fresh();
    await open(window, '/surveys');
    await window.getByRole('heading', { name: 'Set a new password' }).waitFor();
    assert.equal(await window.getByRole('navigation').count(), 0);
    await judged(window, 'password-due');
    const set = async (text: string): Promise<void> => {
      await window.getByLabel('Current password').fill(goodPassword);
      await window.getByLabel('New password').fill(text);
      await window.getByRole('button', { name: 'Change password' }).click();
    };
    await set(goodPassword);
    await window.getByText('Use none of your last 24').last().waitFor();
    await window.getByRole('alert').waitFor();
    await set(otherPassword);
    await window.waitForURL(/\/login\?tenant=main/);
    await window.getByLabel('E-mail address').fill(owner.me.user.email);
    await window.getByLabel('Password').fill(otherPassword);
    await window.getByRole('button', { name: 'Log in', exact: true }).click();
    await window.getByRole('heading', { name: 'Surveys', level: 1 }).waitFor();
    assert.equal(await window.getByText(/^Your password ends on/).count(), 0);
    await quiet(window);
  });
});
