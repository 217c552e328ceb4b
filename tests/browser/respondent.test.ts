// Every page a respondent sees, in a real browser: as it looks, as it is read aloud, as it is used
// by a keyboard, without script, on a shared screen, in somebody's frame, and when a send fails.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import type { BrowserContext, Page } from 'playwright-core';

import {
  Chromium, contactSheet, judged, screenshot, sends, seriousIssues, until, withoutBrowser,
  type View,
} from '../support/browser.ts';
import { goodPassword, Probity } from '../support/probity.ts';
import {
  setPages, startRespondents, workshop, type Place, type RespondentWorld,
} from '../support/respondent-world.ts';

let world: RespondentWorld;
let browser: Chromium;
let pictures: Record<'png' | 'jpeg' | 'webp', Buffer>;

/** The same drawing as a browser's own encoders write it. */
const draw = async (): Promise<typeof pictures> => {
  const elsewhere = { origin: 'https://127.0.0.1' } as Probity;
  const context = await browser.context(elsewhere);
  const page = await context.newPage();
  const drawn = await page.evaluate(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 240, height: 80 });
    const ink = canvas.getContext('2d');
    ink.fillStyle = '#8a1538';
    ink.beginPath(); ink.arc(40, 40, 34, 0, 7); ink.fill();
    ink.font = 'bold 40px sans-serif'; ink.fillText('Bakery', 88, 54);
    return ['png', 'jpeg', 'webp'].map((type) => canvas.toDataURL('image/' + type).split(',')[1]);
  })()`) as string[];
  await context.close();
  const [png, jpeg, webp] = drawn.map((text) => Buffer.from(text, 'base64'));
  return { png: png!, jpeg: jpeg!, webp: webp! };
};

const setUp = async (): Promise<void> => {
  browser = await Chromium.start();
  pictures = await draw();
  world = await startRespondents(pictures.png);
};
const takeDown = async (): Promise<void> => {
  contactSheet();
  await Promise.all([browser?.stop(), world?.probity.stop()]);
};

const enter = async (view: View = {}): Promise<{ context: BrowserContext; page: Page }> => {
  const context = await browser.context(world.probity, view);
  return { context, page: await context.newPage() };
};
const press = (page: Page, move: string) => page.locator(`button[value=${move}]`).click();
const address = (place: Place, query = ''): string => `/s/${place.token}${query}`;
const responses = async (place: Place): Promise<any[]> =>
  (await world.owner.must(200, 'GET', `/api/v1/surveys/${place.id}/responses`)).json.items;

const answerFirst = async (page: Page): Promise<void> => {
  await page.locator('input[name="a.came"][value=yes]').check();
  await page.locator('input[name="a.again"][value="9"]').check();
  await page.locator('input[name="a.liked"][value=Lunch]').check();
  await page.locator('input[name="a.mail"]').fill('ann@example.org');
  await press(page, 'next');
};
const toReview = async (page: Page): Promise<void> => {
  await page.goto(address(world.plain));
  await answerFirst(page);
  await page.locator('textarea[name="a.words"]').fill('The garden was lovely.');
  await press(page, 'next');
  await page.locator('dl.answers, .answers').first().waitFor();
};

type Step = (page: Page) => Promise<unknown>;
interface State { readonly name: string; readonly go: Step; readonly needsScript?: boolean }
const states: readonly State[] = [
  { name: 'first', go: (page) => page.goto(address(world.plain)) },
  { name: 'errors', go: async (page) => {
    await page.goto(address(world.plain));
    await page.locator('input[name="a.mail"]').fill('nobody');
    await press(page, 'next');
    await page.locator('section.errors[aria-labelledby] li').nth(1).waitFor();
  } },
  { name: 'second', go: async (page) => {
    await page.goto(address(world.plain));
    await answerFirst(page);
    await page.locator('textarea[name="a.words"]').waitFor();
  } },
  { name: 'review', go: toReview },
  { name: 'thanks', go: async (page) => {
    await toReview(page);
    await press(page, 'send');
    await page.locator('.receipt').waitFor();
  } },
  { name: 'closed', go: (page) => page.goto(address(world.closed)) },
  { name: 'unknown', go: (page) => page.goto(`/s/${'A'.repeat(43)}`) },
  { name: 'resume', needsScript: true, go: async (page) => {
    await page.goto(address(world.plain));
    await page.locator('input[name="a.mail"]').fill('ann@example.org');
    await until(page, 'Object.keys(localStorage).length > 0');
    await page.goto(address(world.plain));
    await page.locator('section.kept').waitFor();
  } },
  { name: 'kiosk', go: (page) => page.goto(address(world.plain, '?kiosk=1')) },
  { name: 'branded', go: (page) => page.goto(address(world.branded)) },
  { name: 'branded-thanks', go: async (page) => {
    await page.goto(address(world.branded));
    await answerFirst(page);
    await press(page, 'send');
    await page.locator('.onward').first().waitFor();
  } },
  { name: 'right-to-left', go: (page) => page.goto(address(world.plain, '?lang=ar')) },
  ...['de', 'fr', 'es'].map((lang) => ({
    name: `in-${lang}`, go: (page: Page) => page.goto(address(world.plain, `?lang=${lang}`)),
  })),
];

describe('What respondents see', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  const look = async (state: State, hasScript: boolean): Promise<void> => {
    const { context, page } = await enter({ width: 320 });
    // axe is a script itself: here it is the page's own that never arrives.
    if (!hasScript) await context.route(/\.js$/, (route) => route.abort());
    const told: string[] = [];
    page.on('pageerror', (error) => told.push(String(error)));
    await state.go(page);
    await judged(page, `respondent-${state.name}`,
      hasScript ? {} : { schemes: ['dark'], isPictured: false });
    assert.deepEqual(told, []);
    await context.close();
  };
  for (const state of states) {
    test(`${state.name} fits, is seen and is read aloud`, () => look(state, true));
    if (state.needsScript !== true)
      test(`${state.name} does so without script`, () => look(state, false));
  }

  test('the server’s own pages are read aloud', async () => {
    const { setupToken } = world.probity.init('other');
    for (const [name, path] of [['login', '/login'], ['privacy', '/privacy'],
      ['privacy-of', '/t/main/privacy'], ['security', '/security'], ['start', '/'],
      ['setup', `/setup/${setupToken}`], ['no-page', '/nowhere']] as const) {
      const { context, page } = await enter({ width: 320 });
      await page.goto(path);
      await judged(page, `own-${name}`);
      await context.close();
    }
  });

  test('nothing an author or a respondent typed comes alive', async () => {
    for (const lang of ['', '?lang=<script>']) {
      const { context, page } = await enter();
      await page.goto(address(world.hurtful, lang));
      const harmless = async () => assert.equal(await page.evaluate('window.hurt'), undefined);
      await harmless();
      await press(page, 'next');
      await page.locator('section.errors[aria-labelledby]').waitFor();
      await harmless();
      await page.locator('input[name="a.a"][value=v]').check();
      await page.locator('input[name="a.b"]').fill('"><img src=x onerror="window.hurt=1">{b}');
      await page.locator('textarea').fill('</textarea><script>window.hurt=1</script>');
      await press(page, 'next');
      await page.locator('.answers').waitFor();
      await harmless();
      await press(page, 'send');
      await page.locator('.receipt').waitFor();
      await harmless();
      await context.close();
    }
    await world.owner.must(200, 'POST', `/api/v1/surveys/${world.hurtful.id}/close`);
    const { context, page } = await enter();
    await page.goto(address(world.hurtful));
    assert.equal(await page.evaluate('window.hurt'), undefined);
    assert.equal(await page.locator('main img, script:not([src])').count(), 0);
    await context.close();
  });

  test('what its policy kept from a page is logged without an address', async () => {
    const { context, page } = await enter();
    await page.goto(address(world.plain));
    const before = world.probity.log.length;
    await page.evaluate(`document.body.append(Object.assign(document.createElement('script'),
      { textContent: 'window.hurt = 1' }))`);
    const lines = (): string[] => world.probity.log.slice(before).split('\n')
      .filter((line) => line.includes('policy_violated'));
    await world.probity.until('the report is logged', async () => lines().length > 0, 10_000);
    assert.equal(await page.evaluate('window.hurt'), undefined);
    assert.match(lines()[0] ?? '', /"directive":"script-src","kind":"inline","left_out":0/);
    assert.ok(!world.probity.log.includes(world.plain.token));
    await context.close();
  });

  test('a page weighs at most 30 kB with everything it needs', async (t) => {
    for (const place of [world.plain, world.branded, world.hundred]) {
      const { context, page } = await enter();
      const client = await context.newCDPSession(page);
      await client.send('Network.enable');
      const types = new Map<string, string>();
      let bytes = 0;
      client.on('Network.responseReceived', (got) => types.set(got.requestId, got.type));
      client.on('Network.loadingFinished', (done) => {
        if (types.get(done.requestId) !== 'Image') bytes += done.encodedDataLength;
      });
      await page.goto(address(place));
      await page.waitForLoadState('networkidle');
      t.diagnostic(`${bytes} bytes`);
      assert.ok(bytes > 5_000 && bytes <= 30_000, `${bytes} bytes`);
      await context.close();
    }
  });
});

describe('Answering', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  test('works by the keyboard alone', async () => {
    for (const script of [true, false]) {
      const { context, page } = await enter({ script, width: 320 });
      const place = await world.owner.survey(workshop);
      await page.goto(address(place));
      const focus = async (wanted: string): Promise<void> => {
        for (let tabs = 0; tabs < 60; ++tabs) {
          if (await page.evaluate(`document.activeElement.matches('${wanted}')`)) return;
          await page.keyboard.press('Tab');
        }
        assert.fail(`never reached ${wanted}`);
      };
      await focus('[name="a.came"]');
      await page.keyboard.press('Space');
      await focus('[name="a.liked"]');
      await page.keyboard.press('Space');
      await focus('[name="a.mail"]');
      await page.keyboard.type('wrong');
      await page.keyboard.press('Enter');
      await page.locator('section.errors[aria-labelledby]').waitFor();
      await focus('section.errors a');
      await page.keyboard.press('Enter');
      await focus('[name="a.mail"]');
      await page.keyboard.press('Control+A');
      await page.keyboard.type('ann@example.org');
      await focus('button.main');
      await page.keyboard.press('Enter');
      await page.locator('textarea[name="a.words"]').waitFor();
      await focus('[name="a.rooms.0"], fieldset.row input');
      await page.keyboard.press('Space');
      if (script) {
        await focus('.ranks button:not([aria-disabled=true])');
        await page.keyboard.press('Enter');
      }
      await focus('button.main');
      await page.keyboard.press('Enter');
      await page.locator('.receipt').waitFor();
      const [stored] = await responses(place);
      assert.equal(stored.answers.mail, 'ann@example.org');
      assert.equal(stored.answers.came, 'yes');
      await context.close();
    }
  });

  test('forgets what a condition hid, as the server does', async () => {
    const place = await world.owner.survey(workshop);
    for (const script of [true, false]) {
      const { context, page } = await enter({ script });
      await page.goto(address(place));
      await page.locator('input[name="a.came"][value=no]').check();
      if (!script) await press(page, 'next');
      await page.locator('textarea[name="a.why"]').fill('Rain');
      await page.locator('input[name="a.came"][value=yes]').check();
      assert.equal(await page.locator('textarea[name="a.why"]').count(), script ? 0 : 1);
      if (script) {
        // Brought back, it still knows what was typed.
        await page.locator('input[name="a.came"][value=no]').check();
        assert.equal(await page.locator('textarea[name="a.why"]').inputValue(), 'Rain');
        await page.locator('input[name="a.came"][value=yes]').check();
      }
      await press(page, 'next');
      await press(page, 'send');
      await page.locator('.receipt').waitFor();
      await context.close();
    }
    const stored = await responses(place);
    assert.equal(stored.length, 2);
    for (const one of stored) assert.deepEqual(one.answers, { came: 'yes' });
  });

  test('begins anew on a shared screen and leaves nothing behind', async () => {
    const { context, page } = await enter();
    await page.clock.install();
    await page.goto(address(world.branded, '?kiosk=1'));
    await page.locator('input[name="a.mail"]').fill('ann@example.org');
    // The field was scrolled to, which the page hears of with its next frame: it counts as touched.
    await page.screenshot();
    await page.clock.fastForward(89_000);
    assert.equal(await page.locator('input[name="a.mail"]').inputValue(), 'ann@example.org');
    await page.clock.fastForward(2_000);
    await until(page, `document.querySelector('[name="a.mail"]')?.value === ''`);
    await answerFirst(page);
    await page.locator('textarea[name="a.words"]').waitFor();
    await press(page, 'send');
    await page.locator('.receipt').waitFor();
    assert.deepEqual(await page.evaluate('Object.keys(localStorage)'), []);
    await page.clock.fastForward(11_000);
    await page.locator('input[name="a.mail"]').waitFor();
    assert.match(page.url(), /\?kiosk=1$/);
    assert.equal(await page.locator('input[name="a.mail"]').inputValue(), '');
    await context.close();
  });

  test('works in the frame of the named site and in no other', async () => {
    const place = await world.owner.survey(workshop);
    await setPages(world.owner, place.id, { frame_origin: 'https://site.example' });
    const { snippetOf } = await import('../../web/src/pages/surveys/embed.ts');
    const { context, page } = await enter();
    const link = `${world.probity.origin}${address(place)}`;
    await context.route(/^https:\/\/(site|other)\.example\//, (route) => route.fulfill({
      contentType: 'text/html', body: `<!doctype html><title>Host</title>${snippetOf(link, '"S"')}`,
    }));
    await page.goto('https://site.example/');
    const frame = page.frameLocator('iframe');
    await frame.locator('input[name="a.came"][value=no]').waitFor();
    await until(page, 'Number(document.getElementById("survey").height) > 700');
    const before = Number(await page.locator('iframe').getAttribute('height'));
    await frame.locator('input[name="a.came"][value=no]').check();
    await until(page, `Number(document.getElementById("survey").height) > ${before}`);
    await frame.locator('input[name="a.came"][value=yes]').check();
    await frame.locator('button[value=next]').click();
    await frame.locator('button[value=send]').click();
    await frame.locator('.receipt a').waitFor();
    assert.equal(await frame.locator('.receipt a').getAttribute('target'), '_blank');
    assert.equal((await responses(place)).length, 1);
    await page.goto('https://other.example/');
    await page.waitForLoadState('networkidle');
    assert.equal(await frame.locator('form').count(), 0);
    await context.close();
  });
});

describe('A send that fails', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  const fill = async (page: Page, place: Place): Promise<void> => {
    await page.goto(address(place));
    await answerFirst(page);
    await page.locator('textarea[name="a.words"]').fill('A long and careful answer.');
  };
  const isKept = (page: Page) =>
    until(page, `JSON.stringify(localStorage).includes('A long and careful answer.')`);

  test('without a connection leaves the page as it is', async () => {
    const place = await world.owner.survey(workshop);
    const { context, page } = await enter({ width: 320 });
    await fill(page, place);
    await context.setOffline(true);
    await press(page, 'send');
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'respondent-offline', 'light');
    assert.equal(await page.locator('textarea[name="a.words"]').inputValue(),
      'A long and careful answer.');
    await isKept(page);
    await context.setOffline(false);
    await press(page, 'send');
    await page.locator('.receipt').waitFor();
    assert.equal((await responses(place)).length, 1);
    await until(page, 'Object.keys(localStorage).length === 0');
    await context.close();
  });

  test('in a flood asks again and keeps everything', async () => {
    const place = await world.owner.survey(workshop);
    await setPages(world.owner, place.id, { per_minute: 1, seconds_min: 0 });
    const { context, page } = await enter({ width: 320 });
    await fill(page, place);
    // Two, as the minute may turn between them.
    for (const words of ['one', 'two'])
      await world.probity.ask('POST', `/api/v1/public/${place.token}/responses`, {
        body: { answers: { came: 'yes', words } },
      });
    await press(page, 'send');
    await page.getByText('Very many answers are arriving').waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'respondent-flood', 'light');
    await setPages(world.owner, place.id, { per_minute: 0 });
    await press(page, 'send');
    await page.locator('.receipt').waitFor();
    await context.close();
  });

  test('of what looks like a program asks again and keeps everything', async () => {
    const place = await world.owner.survey(workshop);
    const { context, page } = await enter({ width: 320 });
    await fill(page, place);
    await page.evaluate(`document.querySelector('[name=website]').value = 'x'`);
    await press(page, 'send');
    await page.getByText('people do not see').waitFor();
    assert.deepEqual(await seriousIssues(page), []);
    await screenshot(page, 'respondent-asked-again', 'light');
    await press(page, 'send');
    await page.locator('.receipt').waitFor();
    await context.close();
  });

  test('to a survey that closed shows what was typed', async () => {
    for (const script of [true, false]) {
      const place = await world.owner.survey(workshop);
      const { context, page } = await enter({ width: 320, script });
      await fill(page, place);
      await world.owner.must(200, 'POST', `/api/v1/surveys/${place.id}/close`);
      await press(page, 'send');
      await page.getByText('What you entered').waitFor();
      await page.getByText('A long and careful answer.').waitFor();
      if (script) assert.deepEqual(await seriousIssues(page), []);
      await screenshot(page, 'respondent-closed-meanwhile', 'light');
      await context.close();
    }
  });

  test('to a survey that is gone keeps it in the browser', async () => {
    const place = await world.owner.survey(workshop);
    const { context, page } = await enter();
    await fill(page, place);
    await world.owner.must(204, 'DELETE', `/api/v1/surveys/${place.id}`);
    await press(page, 'send');
    await page.locator('h1').waitFor();
    await isKept(page);
    await context.close();
  });

  test('to a server that died leaves the page as it is', async () => {
    const place = await world.owner.survey(workshop);
    const { context, page } = await enter();
    await fill(page, place);
    await world.probity.end('SIGKILL');
    await press(page, 'send');
    await page.getByRole('alert').getByText('cannot be reached').waitFor();
    assert.equal(await page.locator('textarea[name="a.words"]').inputValue(),
      'A long and careful answer.');
    await isKept(page);
    await context.close();
  });
});

describe('Sharing a survey', { skip: withoutBrowser }, () => {
  before(setUp);
  after(takeDown);

  test('shows link, code, shared screen and frame, and takes a brand', async () => {
    const who = { tenant: 'main', email: world.owner.me.user.email };
    const page = await browser.window(world.probity, who);
    const place = await world.owner.survey(workshop);
    await page.goto(`/console/surveys/${place.id}/share`);
    const code = page.getByRole('img', { name: 'QR code' });
    await code.waitFor();
    await until(page, `document.querySelector('main img').naturalWidth > 0`);
    assert.match(await page.getByRole('textbox', { name: 'Link for a shared screen' }).inputValue(),
      /\/s\/[\w-]+\?kiosk=1$/);
    const looks = page.getByRole('region', { name: 'How the pages look' });
    await page.getByLabel('Colour of buttons').fill('#ffcc00');
    await looks.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The nearest colour that passes is #').first().waitFor();
    await page.getByLabel('Colour of buttons').fill('#1f4f8f');
    await page.getByLabel('Site that may show').fill('https://site.example');
    await looks.getByRole('button', { name: 'Save' }).click();
    assert.match(await page.getByLabel('Put this into the page').inputValue(), /<iframe /);
    for (const [type, buffer] of Object.entries(pictures)) {
      await sends(page, 'PUT', () => page.getByLabel('Logo', { exact: true }).setInputFiles(
        { name: `logo.${type}`, mimeType: `image/${type}`, buffer }));
      await page.getByText('The logo is on every page now.').first().waitFor();
      const { json } = await world.owner.must(200, 'GET', `/api/v1/surveys/${place.id}`);
      assert.deepEqual([json.logo.type, json.logo.width], [`image/${type}`, 240]);
      // Rebuilt, it is still a picture to a browser.
      const visitor = await enter();
      await visitor.page.goto(address(place));
      await until(visitor.page, `document.querySelector('.brand img').naturalWidth === 240`);
      await visitor.context.close();
    }
    await judged(page, 'share', { reads: 'both schemes' });
    const answering = page.getByRole('region', { name: 'How it is answered' });
    await answering.getByRole('checkbox', { name: 'Show all answers once more' }).check();
    await answering.getByLabel('Thanks', { exact: true }).fill('Come again.');
    const seconds = answering.getByLabel('Seconds from opening to sending');
    await seconds.fill('61');
    await answering.getByRole('button', { name: 'Save' }).click();
    await answering.locator('.error', { hasText: '60' }).first().waitFor();
    await seconds.fill('3');
    await answering.getByLabel('Seconds after which a shared screen').fill('45');
    await sends(page, 'PATCH', () => answering.getByRole('button', { name: 'Save' }).click());
    const { pages } = (await world.owner.must(200, 'GET', `/api/v1/surveys/${place.id}`)).json;
    assert.deepEqual([pages.review, pages.thanks, pages.seconds_min, pages.trap,
      pages.kiosk_idle_s], [true, 'Come again.', 3, true, 45]);
    await page.getByRole('button', { name: 'Remove the logo' }).click();
    await page.getByText('The logo was removed.').waitFor();
    const entered = await world.probity.logIn('main', world.owner.me.user.email, goodPassword);
    const svg = await entered.must(200, 'GET', `/api/v1/surveys/${place.id}/qr.svg`);
    assert.match(String(svg.headers['content-type']), /^image\/svg\+xml/);
    await page.context().close();
  });
});
