// Every page of the console in a real browser: as it looks, as it is read aloud, as it is used.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, judged, screenshot, seriousIssues, until, withoutBrowser,
  type View,
} from '../support/browser.ts';
import {
  consolePages, goodPassword, hostile, startWorld, type World,
} from '../support/console-world.ts';

let world: World;
let browser: Chromium;
type Role = keyof World['emails'];

const windowOf = (role: Role, view: View = {}): Promise<Page> =>
  browser.window(world.probity, { tenant: world.tenant, email: world.emails[role] }, view);

/** Goes to a page and waits for its heading and for everything it fetches. */
const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(`/console${path}`);
  await page.locator('h1').waitFor();
  await page.waitForLoadState('networkidle');
};

const noComplaints = (page: Page): void => assert.deepEqual(complaints.get(page), []);
const isRefused = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: 'This is not for your role', level: 1 }).waitFor();

const setUp = async (): Promise<void> => {
  [world, browser] = await Promise.all([startWorld(), Chromium.start()]);
};
const takeDown = async (): Promise<void> => {
  contactSheet();
  await Promise.all([browser?.stop(), world?.probity.stop()]);
};

describe('The console', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  for (const [name, path, says] of consolePages)
    test(`page ${name} fits, is seen and is read aloud`, async () => {
      const page = await windowOf('owner');
      await open(page, path(world));
      await page.locator('main').getByText(says).first().waitFor();
      await judged(page, name);
      assert.equal(await page.evaluate('window.hurt'), undefined);
      noComplaints(page);
      await page.context().close();
    });

  test('dialogs fit, are seen and are read aloud', async () => {
    const dialogs: readonly [name: string, path: string, button: string][] = [
      ['new-survey', '/surveys', 'New survey'], ['invite', '/members', 'Invite a member'],
      ['new-token', '/tokens', 'New token'], ['file-evidence', '/evidence', 'File evidence'],
      ['change-member', '/members', 'Change auditor@main.example'],
    ];
    const page = await windowOf('owner');
    for (const [name, path, button] of dialogs) {
      await open(page, path);
      await page.getByRole('button', { name: button }).click();
      await page.getByRole('dialog').waitFor();
      await judged(page, name);
      noComplaints(page);
    }
    await page.context().close();
  });

  test('the first page weighs at most 150 kB as it comes over the wire', async (t) => {
    const page = await windowOf('owner');
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    let bytes = 0;
    client.on('Network.loadingFinished', (done) => { bytes += done.encodedDataLength; });
    await open(page, '/surveys');
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes > 10_000 && bytes <= 150_000, `${bytes} bytes`);
    await page.context().close();
  });
});

describe('Who uses the console', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  const sees: Record<Role, readonly string[]> = {
    owner: ['Surveys', 'Members', 'API tokens', 'Approvals', 'Settings', 'Take data out',
      'Security statement', 'Evidence', 'Privacy inventory', 'Audit log'],
    editor: ['Surveys', 'Approvals', 'Settings', 'Security statement', 'Privacy inventory'],
    analyst: ['Surveys', 'Approvals', 'Security statement', 'Privacy inventory'],
    auditor: ['Surveys', 'Members', 'Approvals', 'Settings', 'Security statement', 'Evidence',
      'Privacy inventory', 'Audit log'],
    none: ['Security statement'],
  };
  for (const role of Object.keys(sees) as Role[])
    test(`${role} sees what the role may do and nothing else`, async () => {
      const page = await windowOf(role);
      await open(page, '/statement');
      const parts = page.getByRole('navigation', { name: 'Console' });
      await parts.getByRole('link', { name: sees[role].at(-1)! }).waitFor();
      const links = await parts.getByRole('link').all();
      assert.deepEqual(await Promise.all(links.map((link) => link.innerText())), sees[role]);
      if (role !== 'owner') {
        await open(page, '/export');
        await isRefused(page);
      }
      if (role === 'analyst' || role === 'auditor') {
        await open(page, '/surveys');
        assert.equal(await page.getByRole('button', { name: 'New survey' }).count(), 0);
        await open(page, `/surveys/${world.survey.id}`);
        assert.equal(await page.getByRole('button', { name: 'Close' }).count(), 0);
        assert.equal(await page.getByRole('link', { name: 'Settings', exact: true }).count(),
          role === 'auditor' ? 1 : 0);
      }
      if (role === 'auditor') {
        await open(page, `/surveys/${world.survey.id}/responses`);
        await isRefused(page);
      }
      noComplaints(page);
      await page.context().close();
    });

  test('log-in on the server’s own page leads to the console', async () => {
    const context = await browser.context(world.probity);
    const page = await context.newPage();
    await page.goto('/login');
    await page.getByLabel('Organisation').fill(world.tenant);
    await page.getByLabel('E-mail').fill(world.emails.owner);
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Surveys', exact: true, level: 1 }).waitFor();
    assert.match(page.url(), /\/console\/surveys$/);
    await page.goto('/');
    await page.getByRole('link', { name: 'Open the console' }).click();
    await page.getByRole('heading', { name: 'Surveys', exact: true, level: 1 }).waitFor();
    await context.close();
  });

  test('without a session the console asks who it is, then shows the page asked for', async () => {
    const context = await browser.context(world.probity);
    const page = await context.newPage();
    await open(page, '/members');
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'login', 'light');
    await page.getByLabel('Organisation').fill(world.tenant);
    await page.getByLabel('E-mail').fill(world.emails.owner);
    await page.getByLabel('Password').fill('not the password, surely');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('is wrong').waitFor();
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await context.close();
  });
});

describe('Work in the console', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  test('a survey is made, published, closed, taken back, deleted', async () => {
    const page = await windowOf('editor');
    await open(page, '/surveys');
    await page.getByRole('button', { name: 'New survey' }).click();
    await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Lunch');
    await page.getByLabel('Questionnaire from a file').setInputFiles({
      name: 'lunch.json', mimeType: 'application/json',
      buffer: Buffer.from('{"elements":[{"type":"text","name":"dish","title":"Which dish?"}]}'),
    });
    await page.getByRole('button', { name: 'Make draft' }).click();
    await page.getByRole('heading', { name: 'Lunch', level: 1 }).waitFor();
    await page.getByText('Which dish?').waitFor();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('takes answers now').waitFor();
    const link = await page.getByRole('textbox', { name: 'Link for respondents' }).inputValue();
    assert.match(link, /^https:\/\/127\.0\.0\.1:\d+\/s\/[\w-]{40,}$/);
    await page.getByRole('button', { name: 'Close', exact: true }).first().click();
    await page.getByText('takes no more answers').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Open again.').waitFor();
    await page.getByRole('link', { name: 'Settings', exact: true }).last().click();
    await page.getByRole('button', { name: 'Delete survey' }).click();
    const confirm = page.getByRole('dialog').getByRole('button', { name: 'Delete survey' });
    assert.ok(await confirm.isDisabled());
    await page.getByLabel('Title of the survey').fill('Lunch');
    await confirm.click();
    await page.getByText('The survey was deleted.').waitFor();
    assert.match(page.url(), /\/console\/surveys$/);
    noComplaints(page);
    await page.context().close();
  });

  test('a copy of a survey is a draft of its own, and the organisation is named', async () => {
    const page = await windowOf('editor');
    await open(page, `/surveys/${world.survey.id}`);
    const { json } = await world.owner.must(200, 'GET', '/api/v1/me');
    await page.getByRole('banner').getByText(json.organisation, { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Make a copy' }).click();
    await page.getByRole('heading', { name: 'How was the project? (2)', level: 1 }).waitFor();
    await page.getByRole('navigation', { name: 'Pages and questions' }).waitFor();
    const id = /surveys\/([^/]+)\//.exec(page.url())![1]!;
    assert.notEqual(id, world.survey.id);
    const copied = (await world.owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
    assert.deepEqual([copied.status, copied.responses], ['draft', 0]);
    await world.owner.must(204, 'DELETE', `/api/v1/surveys/${id}`);
    noComplaints(page);
    await page.context().close();
  });

  test('a member is invited by link, gets another role, and the role is taken back', async () => {
    const page = await windowOf('owner');
    await open(page, '/members');
    await page.getByRole('button', { name: 'Invite a member' }).click();
    await page.getByLabel('E-mail address').fill('fresh@main.example');
    await page.getByLabel('Analyst').check();
    await page.getByRole('button', { name: 'Make invitation' }).click();
    const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
    assert.match(link, /\/setup\/\S+$/);
    await page.getByRole('button', { name: 'Done' }).click();
    const row = page.getByRole('row', { name: /fresh@main\.example/ });
    await row.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('Auditor').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await row.getByText('Auditor').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.getByText('Analyst').waitFor();
    noComplaints(page);
    await page.context().close();
  });

  test('a member gets a new link, is shut out, let in again, and deleted', async () => {
    const page = await windowOf('owner');
    const email = 'leaver@main.example';
    await world.owner.must(201, 'POST', '/api/v1/users', { email, role: 'analyst' });
    await open(page, '/members');
    const row = page.getByRole('row').filter({ hasText: email });
    const change = async (name: string) => {
      await row.getByRole('button', { name: 'Change' }).click();
      await page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
    };
    await change('New link');
    const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue();
    assert.match(link, /\/setup\/\S+$/);
    await page.getByRole('button', { name: 'Done' }).click();
    await change('Shut out');
    await row.getByText('Shut out').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await row.getByText('Invited').waitFor();
    await change('Shut out');
    await row.getByText('Shut out').waitFor();
    await change('Let in again');
    await row.getByText('Invited').waitFor();
    await change('Delete');
    await page.getByRole('dialog').getByText('Delete ' + email).waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    noComplaints(page);
    await page.context().close();
  });

  test('a token is shown once, and revoked', async () => {
    const page = await windowOf('owner');
    await open(page, '/tokens');
    await page.getByRole('button', { name: 'New token' }).click();
    await page.getByLabel('Name').fill(hostile);
    await page.getByRole('button', { name: 'Make token' }).click();
    await page.getByText('Choose at least one.').waitFor();
    await page.getByLabel('See surveys').check();
    await page.getByRole('button', { name: 'Make token' }).click();
    const token = await page.getByLabel('Token', { exact: true }).inputValue();
    const asked = await world.probity.ask('GET', '/api/v1/surveys', { bearer: token });
    assert.equal(asked.status, 200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('row').filter({ hasText: 'onerror' }).getByRole('button').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('The token was revoked.').waitFor();
    const refused = await world.probity.ask('GET', '/api/v1/surveys', { bearer: token });
    assert.equal(refused.status, 401);
    assert.equal(await page.evaluate('window.hurt'), undefined);
    await page.context().close();
  });

  test('who may store sees how much is stored, others are not bothered', async () => {
    const page = await windowOf('owner');
    await open(page, '/account');
    const own = page.getByRole('region', { name: 'What you store' });
    await own.getByText(/^[1-9]\d* of 10,000 files, [\d.]+ KiB of 4 GiB\.$/).waitFor();
    await page.context().close();
    const analyst = await windowOf('analyst');
    await open(analyst, '/account');
    await analyst.getByRole('heading', { name: 'Change password' }).waitFor();
    assert.equal(await analyst.getByText('What you store').count(), 0);
    await analyst.context().close();
  });

  test('a session that ends loses nothing typed', async () => {
    const page = await windowOf('owner');
    await open(page, '/settings');
    const contact = page.getByLabel('Privacy contact');
    await contact.fill('Ask at the desk');
    await world.owner.must(204, 'POST', '/api/v1/sessions/revoke-all', {});
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await until(page, 'document.activeElement.type === "password"');
    await screenshot(page, 'session-ended', 'light');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await page.getByRole('dialog').getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(await contact.inputValue(), 'Ask at the desk');
    const again = await world.probity.logIn(world.tenant, world.emails.owner, goodPassword);
    const settings = await again.must(200, 'GET', '/api/v1/tenant/settings');
    assert.equal(settings.json.privacy_contact, 'Ask at the desk');
    await page.context().close();
  });

  test('what is not saved is not left behind unasked', async () => {
    const page = await windowOf('owner');
    await open(page, '/members');
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    const name = page.getByLabel('Name of the organisation');
    await name.fill('Changed, not saved');
    const question = page.getByRole('heading', { name: 'Leave without saving?' });
    await page.getByRole('link', { name: 'Members', exact: true }).click();
    await question.waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();
    assert.equal(await name.inputValue(), 'Changed, not saved');
    await page.goBack();
    await question.waitFor();
    assert.match(page.url(), /\/settings$/);
    await page.getByRole('button', { name: 'Leave and lose it' }).click();
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await page.context().close();
  });

  test('of two who change the settings at once the later one is shown what differs', async () => {
    const page = await windowOf('owner');
    await open(page, '/settings');
    const other = await world.probity.logIn(world.tenant, world.emails.owner, goodPassword);
    await page.getByLabel('Privacy contact').fill('Mine');
    await other.must(204, 'PATCH', '/api/v1/tenant/settings', {
      privacy_contact: 'Theirs', group_size_min: 7,
    });
    await page.getByRole('button', { name: 'Save' }).click();
    const merge = page.getByRole('alert');
    await merge.getByText('Theirs').waitFor();
    assert.equal(await page.getByLabel('Privacy contact').inputValue(), 'Mine');
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'settings-merge', 'light');
    assert.equal(await page.getByLabel('Smallest group').inputValue(), '7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    const { json } = await other.must(200, 'GET', '/api/v1/tenant/settings');
    assert.deepEqual([json.privacy_contact, json.group_size_min], ['Mine', 7]);
    await page.context().close();
  });

  test('of two who change one survey the later one is shown what differs', async () => {
    const page = await windowOf('editor');
    await open(page, `/surveys/${world.survey.id}/settings`);
    await page.getByLabel('At most so many').fill('500');
    const other = await world.probity.logIn(world.tenant, world.emails.owner, goodPassword);
    const path = `/api/v1/surveys/${world.survey.id}/settings`;
    await other.must(200, 'PATCH', path, { response_cap: 900, retention_days: 30 });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('900').waitFor();
    assert.equal(await page.getByLabel('At most so many').inputValue(), '500');
    assert.equal(await page.getByLabel('Delete responses after').inputValue(), '30');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    const { json } = await other.must(200, 'GET', `/api/v1/surveys/${world.survey.id}`);
    assert.deepEqual([json.response_cap, json.retention_days], [500, 30]);
    await page.context().close();
  });

  test('a page nobody touches looks for its session without keeping it alive', async () => {
    const page = await windowOf('owner');
    await page.clock.install();
    await open(page, '/settings');
    const asked = page.waitForRequest((request) => request.url().endsWith('/api/v1/me'));
    await page.clock.fastForward(31_000);
    assert.equal((await asked).headers()['x-probity-background'], '1');
    const again = await world.probity.logIn(world.tenant, world.emails.owner, goodPassword);
    await again.must(204, 'POST', '/api/v1/sessions/revoke-all', {});
    await page.clock.fastForward(31_000);
    await page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await page.context().close();
  });

  test('a server that does not answer is told in words, and asked again', async () => {
    const page = await windowOf('owner');
    await page.route('**/api/v1/users*', (route) => route.abort());
    await page.goto('/console/members');
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    await screenshot(page, 'unreachable', 'light');
    await page.unroute('**/api/v1/users*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /auditor@main\.example/ }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.context().close();
  });

  test('a session that ended while a list was asked for goes on where it was', async () => {
    const page = await windowOf('auditor');
    await open(page, '/members');
    const again = await world.probity.logIn(world.tenant, world.emails.auditor, goodPassword);
    await again.must(204, 'POST', '/api/v1/sessions/revoke-all', {});
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByLabel('Password').fill(goodPassword);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByText('a survey was published').first().waitFor();
    await page.context().close();
  });

  test('the keyboard alone does it, and sees where it is', async () => {
    const page = await windowOf('owner');
    await open(page, '/surveys');
    await page.locator(`a[href="/console/surveys/${world.survey.id}"]`).waitFor();
    await page.locator('body').press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
    await page.keyboard.press('Enter');
    await until(page, 'document.activeElement.id === "main"');
    await page.keyboard.press('Tab');
    const outline = 'getComputedStyle(document.activeElement).outlineStyle';
    assert.equal(await page.evaluate(outline), 'solid');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await until(page, 'document.activeElement.closest("dialog") !== null');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await until(page, 'document.activeElement.textContent === "New survey"');
    const reached = new Set<string>();
    for (let n = 0; n < 40; ++n) {
      await page.keyboard.press('Tab');
      reached.add(String(await page.evaluate(
        '((at) => (at.getAttribute("href") ?? at.textContent).trim())(document.activeElement)')));
    }
    for (const path of ['surveys', 'members', 'tokens', 'settings', 'export', 'statement',
      'evidence', 'privacy', 'audit', 'account', `surveys/${world.survey.id}`])
      assert.ok(reached.has(`/console/${path}`), path);
    assert.ok(reached.has('Log out'));
    await page.getByRole('link', { name: 'Members', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Members', level: 1 }).waitFor();
    await until(page, 'document.activeElement.tagName === "H1"');
    await page.context().close();
  });

  test('the colours can be chosen, and are kept', async () => {
    const page = await windowOf('owner');
    await open(page, '/surveys');
    const paper = 'getComputedStyle(document.body).backgroundColor';
    const light = await page.evaluate(paper);
    await page.getByLabel('Colours').selectOption('dark');
    assert.notEqual(await page.evaluate(paper), light);
    await page.reload();
    await page.locator('h1').waitFor();
    assert.notEqual(await page.evaluate(paper), light);
    await page.context().close();
  });
});
