// Networks as an owner rules them at the console, with the question for whoever would be shut out.
// Apart from: form, report, picture, attest, keep.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, judged, sends, withoutBrowser,
} from '../support/browser.ts';
import { type Member, Probity } from '../support/probity.ts';

describe('Networks, in the browser', { skip: withoutBrowser, concurrency: 1 }, () => {
  let probity: Probity;
  let browser: Chromium;
  let owner: Member;
  let page: Page;

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin('main');
    browser = await Chromium.start();
    page = await browser.window(probity, { tenant: 'main', email: owner.me.user.email });
  });
  after(async () => {
    contactSheet();
    await Promise.all([browser?.stop(), probity?.stop()]);
  });

  test('an owner rules them, and a line that is no network is told', async () => {
    await page.goto('/console/settings');
    const rules = page.getByRole('region', { name: 'Networks' });
    await rules.getByText('You come from 127.0.0.1.').waitFor();
    const save = rules.getByRole('button', { name: 'Use these networks' });
    await rules.getByLabel('Never from these').fill('the office');
    await save.click();
    await rules.getByText('"the office" is no address').first().waitFor();
    await rules.getByLabel('Never from these').fill('203.0.113.7\n\n 2001:db8::/32 ');
    await sends(page, 'PATCH', () => save.click());
    await page.getByText('They count from now on').first().waitFor();
    const stored = (await owner.must(200, 'GET', '/api/v1/tenant/settings')).json;
    assert.deepEqual(stored.network_deny, ['203.0.113.7', '2001:db8::/32']);
    await judged(page, 'networks');
  });

  test('who would be shut out is asked, and may mean it', async () => {
    const rules = page.getByRole('region', { name: 'Networks' });
    await rules.getByLabel('Only from these').fill('198.51.100.0/24');
    await rules.getByRole('button', { name: 'Use these networks' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('heading', { name: 'Shut yourself out?' }).waitFor();
    await judged(page, 'networks-shut-out');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await owner.must(200, 'GET', '/api/v1/tenant/settings')).json
      .network_allow.length, 0);
    await rules.getByRole('button', { name: 'Use these networks' }).click();
    await dialog.getByRole('button', { name: 'Use them all the same' }).click();
    await page.getByText('Your organisation lets nobody in from this network.').first().waitFor();
    assert.equal((await owner.ask('GET', '/api/v1/me')).status, 403);
    assert.equal(probity.commandOnData('reset-network', '--tenant', 'main').status, 0);
    assert.equal((await owner.ask('GET', '/api/v1/me')).status, 200);
    assert.deepEqual(complaints.get(page), []);
  });
});
