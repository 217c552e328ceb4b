// The report in a real browser: chosen, compared, searched, given to others by a link.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, judged, screenshot, seriousIssues, withoutBrowser,
} from '../support/browser.ts';
import { startWorld, type World } from '../support/console-world.ts';

let world: World;
let browser: Chromium;

const openReport = async (): Promise<Page> => {
  const page = await browser.window(world.probity, {
    tenant: world.tenant, email: world.emails.editor,
  });
  await page.goto(`/console/surveys/${world.survey.id}/report`);
  await page.getByText('24 responses').waitFor();
  return page;
};

describe('The report', { skip: withoutBrowser }, () => {
  before(async () => {
    [world, browser] = await Promise.all([startWorld(), Chromium.start()]);
  });
  after(async () => {
    await Promise.all([browser?.stop(), world?.probity.stop()]);
  });

  test('fits, is seen and is read aloud', async () => {
    const page = await openReport();
    await page.waitForLoadState('networkidle');
    await judged(page, 'report');
    assert.equal(await page.evaluate('window.hurt'), undefined);
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('is filtered by an answer, compared with another, and shown whole again', async () => {
    const page = await openReport();
    await page.getByText('What is shown').click();
    const filter = page.getByRole('group', { name: 'Only responses that answered' });
    await filter.getByLabel('Question').selectOption({ label: 'How did we work together?' });
    await filter.getByLabel('Answer').selectOption({ label: 'Remotely' });
    await filter.getByRole('button', { name: 'Add' }).click();
    await page.locator('strong', { hasText: '8 responses' }).waitFor();
    await page.getByLabel('Compare with').selectOption({ label: 'another answer' });
    const other = page.getByLabel('Question').last();
    await other.selectOption({ label: 'How did we work together?' });
    await page.getByLabel('Answer', { exact: true }).last().selectOption({ label: 'In person' });
    await page.getByRole('button', { name: 'Add' }).last().click();
    await page.getByText('compared with 8 responses').waitFor();
    assert.ok(await page.locator('rect.ink-second').count() > 0);
    assert.deepEqual(await seriousIssues(page), []);
    await judged(page, 'report-compared', { settled: () => page.waitForLoadState('networkidle') });
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.locator('strong', { hasText: '24 responses' }).waitFor();
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('shows words and searches comments', async () => {
    const page = await openReport();
    await page.getByRole('button', { name: 'Show frequent words' }).click();
    await page.locator('svg text', { hasText: 'calm' }).waitFor();
    await page.getByRole('button', { name: 'Read and search comments' }).click();
    await page.getByLabel('Search').fill('CALM');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    const found = page.getByRole('list', { name: /Comments on/ }).getByRole('listitem');
    await found.nth(5).waitFor();
    await page.waitForLoadState('networkidle');
    assert.equal(await found.count(), 6);
    assert.equal(await page.evaluate('window.hurt'), undefined);
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });

  test('is read by a link without account and without script', async () => {
    const page = await openReport();
    await page.getByText('Links for others').click();
    await page.getByLabel('What it is for').fill('For the board');
    await page.getByRole('button', { name: 'Make link' }).click();
    const link = new URL(await page.getByLabel('Link to the report').inputValue());
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'report-links', 'light');

    const context = await browser.context(world.probity, { script: false });
    const reader = await context.newPage();
    const answer = await reader.goto(link.pathname);
    assert.equal(answer?.status(), 200);
    assert.match(answer?.headers()['x-robots-tag'] ?? '', /noindex/);
    await reader.getByRole('heading', { name: 'Would you recommend us?' }).waitFor();
    assert.equal(await reader.locator('script').count(), 0);
    await context.close();
    const seen = await browser.context(world.probity, { width: 320 });
    const again = await seen.newPage();
    await again.goto(link.pathname);
    await judged(again, 'report-link', { reads: 'both schemes' });
    await page.getByRole('button', { name: /Take away.*For the board/ }).click();
    await page.getByText('There are no links').waitFor();
    assert.equal((await again.goto(link.pathname))?.status(), 404);
    await seen.close();
    assert.deepEqual(complaints.get(page), []);
    await page.context().close();
  });
  test('refreshes itself when a response came in', async () => {
    const page = await openReport();
    await page.clock.install();
    await page.goto(`/console/surveys/${world.survey.id}/report`);
    await page.getByText('24 responses').waitFor();
    const sent = await world.probity.ask('POST', `/api/v1/public/${world.survey.token}/responses`, {
      body: { answers: { recommend: 9, contact: 'Both' } },
    });
    assert.equal(sent.status, 201);
    await page.clock.runFor(11_000);
    await page.locator('strong', { hasText: '25 responses' }).waitFor();
    await page.context().close();
  });
});
