// The console over PostgreSQL: every page, and the work that goes through its own statements there.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import { Chromium, complaints, sends, withoutBrowser } from '../support/browser.ts';
import { consolePages, startWorld, type World } from '../support/console-world.ts';
import { engines } from '../support/probity.ts';

const isAbsent = engines.includes('postgres') ? false : 'PostgreSQL is not installed';

describe('The console over PostgreSQL', { skip: withoutBrowser || isAbsent }, () => {
  let world: World;
  let browser: Chromium;
  let page: Page;
  before(async () => {
    [world, browser] = await Promise.all([startWorld('postgres'), Chromium.start()]);
    page = await browser.window(world.probity, { tenant: world.tenant, email: world.emails.owner });
  });
  after(() => Promise.all([browser?.stop(), world?.probity.stop()]));

  test('says on every page what it says over files', async () => {
    for (const [name, path, says] of consolePages) {
      await page.goto(`/console${path(world)}`);
      await page.locator('main').getByText(says).first().waitFor();
      assert.deepEqual(complaints.get(page), [], name);
    }
    assert.equal(await page.evaluate('window.hurt'), undefined);
  });

  test('imports a table and takes its responses out again', async () => {
    await page.goto('/console/surveys');
    await page.getByRole('link', { name: 'Import', exact: true }).click();
    await page.getByLabel('File', { exact: true }).setInputFiles({
      name: 'days.csv', mimeType: 'text/csv',
      buffer: Buffer.from(`Day,Remark\n${'Monday,"=1+1, then more"\nFriday,\n'.repeat(15)}`),
    });
    await page.getByText('2 questions, 30 responses.').waitFor();
    await page.getByRole('button', { name: 'Import 30 responses' }).click();
    await page.getByText('30 responses', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Responses', exact: true }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'CSV' }).click();
    const chunks: Buffer[] = [];
    for await (const chunk of await (await saved).createReadStream()) chunks.push(chunk as Buffer);
    const table = Buffer.concat(chunks).toString();
    assert.equal(table.trim().split('\n').length, 31);
    assert.match(table, /"'=1\+1, then more"/);
  });

  test('changes a role and the settings, and the audit log says who did', async () => {
    await page.goto('/console/members');
    await page.getByRole('button', { name: 'Change analyst@main.example' }).click();
    await page.getByRole('dialog').getByLabel('Auditor').check();
    await sends(page, 'PATCH', () => page.getByRole('button', { name: 'Save' }).click());
    await page.goto('/console/settings');
    await page.getByLabel('Privacy contact').fill('Ask at the desk');
    await sends(page, 'PATCH', () => page.getByRole('button', { name: 'Save' }).click());
    await page.goto('/console/audit');
    for (const said of ['role or state was changed', 'settings of the tenant were changed',
      'a survey was imported', 'responses were exported'])
      await page.getByText(said).first().waitFor();
    assert.deepEqual(complaints.get(page), []);
  });
});
