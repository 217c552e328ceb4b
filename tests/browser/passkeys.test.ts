// Passkeys and security keys with the authenticators Chromium has for tests: one built in (ctap2,
// internal), a security key (ctap2, usb) and one of the first generation (u2f). They are set up at
// the console, let in on the page that logs in and over a page whose session has ended, and are
// refused when they were copied, replayed or belong to somebody else.
// Apart from: form, report, picture, attest, keep.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { CDPSession, Page } from 'playwright-core';

import {
  Chromium, complaints, contactSheet, doorTo, judged, sends, watched, withoutBrowser,
} from '../support/browser.ts';
import { goodPassword, type Member, Probity } from '../support/probity.ts';

type Kind = 'internal' | 'usb' | 'u2f';

/** An authenticator of the browser, and what CDP can do to it. */
class Virtual {
  private constructor(private readonly client: CDPSession, private readonly id: string) {}

  static async add(page: Page, kind: Kind): Promise<Virtual> {
    const client = await doorTo(page);
    await client.send('WebAuthn.enable');
    const isBuiltIn = kind === 'internal';
    const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: kind === 'u2f' ? 'u2f' : 'ctap2',
        transport: isBuiltIn ? 'internal' : 'usb',
        hasResidentKey: isBuiltIn, hasUserVerification: isBuiltIn, isUserVerified: isBuiltIn,
        automaticPresenceSimulation: true,
      },
    });
    return new Virtual(client, authenticatorId);
  }

  async credential() {
    const { credentials } = await this.client.send('WebAuthn.getCredentials',
      { authenticatorId: this.id });
    assert.equal(credentials.length, 1);
    return credentials[0]!;
  }
  /** The same key, as somebody would have it who copied it earlier, or bent it to another. */
  async replace(change: object): Promise<void> {
    const credential = { ...await this.credential(), ...change };
    await this.client.send('WebAuthn.clearCredentials', { authenticatorId: this.id });
    await this.client.send('WebAuthn.addCredential', { authenticatorId: this.id, credential });
  }
  verifies(isUserVerified: boolean): Promise<unknown> {
    return this.client.send('WebAuthn.setUserVerified',
      { authenticatorId: this.id, isUserVerified });
  }
}

describe('Passkeys, in the browser', { skip: withoutBrowser, concurrency: 1 }, () => {
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

  const quiet = (window: Page): void => assert.deepEqual(complaints.get(window), []);
  const fresh = async (width = 1440): Promise<Page> => {
    const origin = `https://localhost:${probity.port}`;
    return watched(await (await browser.context(probity, { width, origin })).newPage());
  };
  const logIn = async (window: Page, email: string): Promise<void> => {
    await window.goto(`/login?tenant=${tenant}`);
    await window.getByLabel('E-mail address').fill(email);
    await window.getByLabel('Password').fill(goodPassword);
    await window.getByRole('button', { name: 'Log in', exact: true }).click();
  };
  const open = async (window: Page, path: string): Promise<void> => {
    await window.goto(`/console${path}`);
    await window.locator('h1').waitFor();
    await window.waitForLoadState('networkidle');
  };
  /** At the account page, from the button to the list. */
  const setUp = async (window: Page, screen = ''): Promise<void> => {
    await open(window, '/account');
    await window.getByRole('button', { name: 'Set up a passkey' }).click();
    const dialog = window.getByRole('dialog');
    if (screen) await judged(window, `${screen}-password`);
    await dialog.getByLabel('Your password').fill(goodPassword);
    await dialog.getByRole('button', { name: 'Go on' }).click();
    await dialog.getByLabel('What you call it').fill('My key');
    if (screen) await judged(window, `${screen}-name`);
    await sends(window, 'POST', () =>
      dialog.getByRole('button', { name: 'Set up', exact: true }).click());
    await window.getByRole('button', { name: 'I have kept them' }).click();
    await window.getByRole('rowheader', { name: 'My key' }).waitFor();
  };
  const inside = (window: Page) => window.waitForURL(/\/console/);
  const outcome = async () =>
    (await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=1')).json.items[0];

  describe('one that is built in', () => {
    let window: Page;
    let key: Virtual;
    const email = 'second@main.example';
    before(async () => {
      await owner.colleague(email, 'owner');
      window = await fresh();
      key = await Virtual.add(window, 'internal');
    });
    after(() => window.context().close());

    test('lets in by itself, without a password', async () => {
      await logIn(window, email);
      await inside(window);
      await setUp(window, 'passkey');
      await judged(window, 'passkeys');
      quiet(window);

      await window.context().clearCookies();
      await window.goto('/login');
      await judged(window, 'login');
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      await inside(window);
      assert.deepEqual((await outcome()).detail, { factor: 'passkey' });
    });

    test('the second step takes it as well, and so does a page that stayed open', async () => {
      await window.context().clearCookies();
      await logIn(window, email);
      await window.getByRole('heading', { name: 'Second factor' }).waitFor();
      await judged(window, 'login-passkey');
      await window.getByRole('button', { name: 'Use a passkey' }).click();
      await inside(window);
      await open(window, '/settings');
      await window.getByLabel('Privacy contact').fill('Somebody to ask');
      for (const alone of [true, false]) {
        await window.context().clearCookies();
        await window.getByRole('button', { name: 'Save', exact: true }).click();
        const dialog = window.getByRole('dialog');
        if (alone) {
          await dialog.getByRole('button', { name: 'Log in with a passkey' }).click();
        } else {
          await dialog.getByLabel('Password').fill(goodPassword);
          await dialog.getByRole('button', { name: 'Log in', exact: true }).click();
          await dialog.getByLabel(/^Or a code/).waitFor();
          await judged(window, 'ended-passkey');
          await dialog.getByRole('button', { name: 'Use your passkey' }).click();
        }
        await dialog.waitFor({ state: 'detached' });
        assert.equal(await window.getByLabel('Privacy contact').inputValue(), 'Somebody to ask');
        await window.getByLabel('Privacy contact').fill('Somebody to ask');
      }
      quiet(window);
    });

    test('without the finger or the PIN it does not, and the page says what to do', async () => {
      await key.verifies(false);
      await window.context().clearCookies();
      await window.goto('/login');
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      await window.getByText('No passkey was used').waitFor();
      await key.verifies(true);
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      await inside(window);
    });

    test('what was signed is not taken a second time', async () => {
      await window.context().clearCookies();
      await window.goto('/login');
      const sent = window.waitForRequest((one) => one.method() === 'POST' &&
        one.url().endsWith('/login'));
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      const body = (await sent).postData() ?? '';
      await inside(window);
      const again = await probity.ask('POST', '/login', { body, headers: {
        'content-type': 'application/x-www-form-urlencoded', host: `localhost:${probity.port}`,
      } });
      assert.equal(again.status, 401, again.text);
    });

    test('a copy that counts apart does not let in', async () => {
      const { signCount } = await key.credential();
      assert.ok(signCount > 1);
      await key.replace({ signCount: signCount - 2 });
      await window.context().clearCookies();
      await window.goto('/login');
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      await window.getByText('This passkey does not let in here').waitFor();
      assert.deepEqual((await outcome()).detail, { factor: 'passkey', suspected: 'copy' });
      await key.replace({ signCount: signCount + 5 });
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      await inside(window);
    });

    test('a key that says it is of somebody else lets nobody in', async () => {
      const { userHandle } = await key.credential();
      const handle = Buffer.from(userHandle ?? '', 'base64');
      assert.equal(handle.length, 32);
      handle[31] = (handle[31] ?? 0) ^ 1;
      await key.replace({ userHandle: handle.toString('base64') });
      await window.context().clearCookies();
      await window.goto('/login');
      await window.getByRole('button', { name: 'Log in with a passkey' }).click();
      await window.getByText('This passkey does not let in here').waitFor();
    });
  });

  for (const kind of ['usb', 'u2f'] as const)
    test(`a security key (${kind}) is a second factor, and no way in by itself`, async () => {
      const email = `${kind}@main.example`;
      await owner.colleague(email, 'editor');
      const window = await fresh(320);
      await Virtual.add(window, kind);
      await logIn(window, email);
      await inside(window);
      await setUp(window);
      await window.context().clearCookies();
      await logIn(window, email);
      await window.getByRole('button', { name: 'Use a passkey' }).click();
      await inside(window);
      // Taking it away needs the password and the key.
      await open(window, '/account');
      await window.getByRole('button', { name: 'Remove My key' }).click();
      const dialog = window.getByRole('dialog');
      await dialog.getByLabel('Your password').fill(goodPassword);
      await dialog.getByRole('button', { name: 'Remove' }).click();
      await sends(window, 'POST', () =>
        dialog.getByRole('button', { name: 'Use your passkey' }).click());
      await dialog.waitFor({ state: 'detached' });
      await window.getByText('Whoever knows your password can log in as you').waitFor();
      quiet(window);
      await window.context().close();
    });

  test('a role that needs one is content with a passkey', async () => {
    await owner.must(204, 'PATCH', '/api/v1/tenant/settings', { second_factor_roles: ['analyst'] });
    await owner.colleague('analyst@main.example', 'analyst');
    const window = await fresh();
    await Virtual.add(window, 'internal');
    await logIn(window, 'analyst@main.example');
    await window.getByRole('heading', { name: 'Set up your second factor' }).waitFor();
    await judged(window, 'enrolment-choice');
    await window.getByRole('button', { name: 'Set up a passkey' }).click();
    await window.getByLabel('Your password').fill(goodPassword);
    await window.getByRole('button', { name: 'Go on' }).click();
    await window.getByRole('button', { name: 'Set up', exact: true }).click();
    await window.getByRole('button', { name: 'I have kept them' }).click();
    await window.getByRole('navigation').first().waitFor();
    quiet(window);
    await window.context().close();
  });

  test('under its number the server offers none, and says why', async () => {
    const window = watched(await (await browser.context(probity)).newPage());
    await window.goto('/login');
    await window.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await window.getByRole('button', { name: 'Log in with a passkey' }).count(), 0);
    await window.context().close();
  });
});
