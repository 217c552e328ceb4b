// A real browser beside the built program: Debian's Chromium without its windows, which takes half
// the time of the whole one; started fresh for each file of tests.
import assert from 'node:assert/strict';
import {
  existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  chromium, type Browser, type BrowserContext, type CDPSession, type Page,
} from 'playwright-core';

import { cookieOf, goodPassword, root, type Probity } from './probity.ts';

export const chromiumPath = '/usr/bin/chromium-headless-shell';

/** Why no browser test can run here; false when they can. */
export const withoutBrowser: string | false = existsSync(chromiumPath)
  ? false
  : `${chromiumPath} is not installed (package chromium-headless-shell)`;

const words = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // Sites that tests make up are not of this machine; their frames lead to it all the same.
  '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
];

export const screensFolder = join(root, 'build', 'screens');
export const widths = [320, 768, 1440] as const;
export type Scheme = 'light' | 'dark';

export interface View {
  width?: number;
  scheme?: Scheme;
  script?: boolean;
  /** Where the server is reached; browsers make passkeys for names, not for 127.0.0.1. */
  origin?: string;
}

/** A Chromium of its own, with a fresh profile. */
export class Chromium {
  private constructor(
    private readonly browser: Browser,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Chromium> {
    const folder = mkdtempSync(join(tmpdir(), 'probity-browser-'));
    const browser = await chromium.launch({
      executablePath: chromiumPath, args: words, env: { ...process.env, HOME: folder },
    });
    return new Chromium(browser, folder);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  context(probity: Probity, view: View = {}): Promise<BrowserContext> {
    return this.browser.newContext({
      baseURL: view.origin ?? probity.origin, ignoreHTTPSErrors: true,
      locale: 'en-GB', timezoneId: 'UTC',
      viewport: { width: view.width ?? 1440, height: 900 }, colorScheme: view.scheme ?? 'light',
      javaScriptEnabled: view.script ?? true, reducedMotion: 'reduce',
    });
  }

  /** A window in which somebody is logged in already. */
  async window(probity: Probity, who: { tenant: string; email: string }, view: View = {}) {
    const context = await this.context(probity, view);
    const body = { ...who, password: goodPassword };
    const entered = await probity.ask('POST', '/api/v1/login', { body });
    if (entered.status !== 200) throw new Error(`login: ${entered.status} ${entered.text}`);
    await context.addCookies([{
      name: '__Host-probity', value: cookieOf(entered), domain: '127.0.0.1', path: '/',
      secure: true, httpOnly: true, sameSite: 'Strict',
    }]);
    return watched(await context.newPage());
  }
}

/** What a page said went wrong; a test that ends with any of it has failed. */
export const complaints = new WeakMap<Page, string[]>();

/** Keeps what a page complains of, so that a test can ask for it. */
export const watched = (page: Page): Page => {
  const said: string[] = [];
  complaints.set(page, said);
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('console', (message) => {
    // A refused call is told by the browser too; the page tells it in words of its own.
    const isCall = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isCall) said.push(message.text());
  });
  return page;
};

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The browser's own door to a page. One that is closed takes all with it that others have set up
 * (virtual authenticators), so each page has one. */
const doors = new WeakMap<Page, Promise<CDPSession>>();
export const doorTo = (page: Page): Promise<CDPSession> => {
  const door = doors.get(page) ?? page.context().newCDPSession(page);
  doors.set(page, door);
  return door;
};

/** Evaluates an expression in the page by the browser's own door: the policy of the page lets no
 * script in. A library is let in before it, unless the page has what `known` names. */
export const inside = async (
  page: Page, expression: string, library?: { known: string; source: string },
): Promise<unknown> => {
  const client = await doorTo(page);
  const run = async (text: string): Promise<unknown> => {
    const done = await client.send('Runtime.evaluate', {
      expression: text, awaitPromise: true, returnByValue: true,
    });
    if (done.exceptionDetails) throw new Error(JSON.stringify(done.exceptionDetails));
    return done.result.value;
  };
  if (library !== undefined && await run(`typeof ${library.known}`) === 'undefined')
    await run(`${library.source};0`);
  return run(expression);
};

/** Serious and critical findings of axe-core on the page as it stands. */
export const seriousIssues = async (page: Page): Promise<string[]> => {
  // What passed is not written down: finding words for each node takes most of the time.
  const found = await inside(page, `axe.run(document, { resultTypes: ['violations'] })
    .then((r) => JSON.stringify(r.violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 160)).join(' | '))))`,
  { known: 'axe', source: axeSource });
  return JSON.parse(String(found)) as string[];
};

/** Waits until an expression holds in the page. Its policy lets nobody evaluate text in it; the
 * browser's own door does. */
export const until = async (page: Page, holds: string): Promise<void> => {
  for (const end = Date.now() + 15_000; Date.now() < end;) {
    if (await page.evaluate(`Boolean(${holds})`).catch(() => false)) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(`never: ${holds}`);
};

/** Does something and waits until the server has taken what it sends. */
export const sends = async (
  page: Page, method: string, act: () => Promise<unknown>,
): Promise<void> => {
  const taken = page.waitForResponse((answer) => answer.request().method() === method &&
    answer.ok());
  await act();
  await taken;
};

/** Pictures are for people: `./test` makes them where there are none, and with --all. */
const areWanted = process.env.PROBITY_SCREENS !== 'no';

interface DocumentPicture {
  width: number;
  height?: number;
  /** What it begins with, when not the page's top. */
  from?: string;
}
/** The pictures that documents show. */
const inDocuments: Readonly<Record<string, DocumentPicture>> = {
  'editor-choices': { width: 1440 },
  import: { width: 1440, height: 685, from: 'h2:has-text("What was recognised")' },
  report: { width: 1440 },
  members: { width: 768, height: 490 },
  statement: { width: 768 },
  'respondent-first': { width: 320 },
  'respondent-review': { width: 320 },
};
const documentFolder = join(root, 'docs', 'pictures');

/** One screenful for docs/pictures, made anew with PROBITY_DOC_PICTURES=yes. */
const documentPicture = async (
  page: Page, name: string, { width, height = 900, from = 'body' }: DocumentPicture,
): Promise<void> => {
  mkdirSync(documentFolder, { recursive: true });
  await page.locator(from).evaluate((one) => one.scrollIntoView());
  await page.screenshot({
    path: join(documentFolder, `${name}.png`), caret: 'hide', clip: { x: 0, y: 0, width, height },
  });
};

/** Saves what the page looks like as build/screens/NAME-WIDTH-SCHEME.png. */
export const screenshot = async (page: Page, name: string, scheme: Scheme): Promise<void> => {
  const width = page.viewportSize()?.width ?? 0;
  if (process.env.PROBITY_DOC_PICTURES === 'yes' && scheme === 'light' &&
      inDocuments[name]?.width === width)
    await documentPicture(page, name, inDocuments[name]);
  if (!areWanted) return;
  mkdirSync(screensFolder, { recursive: true });
  await page.screenshot({
    path: join(screensFolder, `${name}-${width}-${scheme}.png`), fullPage: true, caret: 'hide',
  });
};

/**
 * The page as it stands, at every width and in both schemes: nothing is too wide, nothing serious
 * is found, and it is photographed. axe reads each width once, unless `reads` wants both schemes;
 * the colours of both are computed by console-design.
 */
export const judged = async (
  page: Page, name: string,
  { reads = 'one scheme', schemes = ['light', 'dark'], isPictured = true, settled }: {
    reads?: 'one scheme' | 'both schemes';
    schemes?: readonly Scheme[];
    isPictured?: boolean;
    /** Waits until a page that fetches anew for another width has done so. */
    settled?: () => Promise<unknown>;
  } = {},
): Promise<void> => {
  const before = page.viewportSize();
  for (const scheme of schemes) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await settled?.();
      const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      assert.ok(Number(over) <= 0, `${name}: ${over} px too wide at ${width}`);
      if (reads === 'both schemes' || scheme === (width === 320 ? 'dark' : 'light'))
        assert.deepEqual(await seriousIssues(page), [], `${name} ${width} ${scheme}`);
      if (isPictured) await screenshot(page, name, scheme);
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  if (before !== null) await page.setViewportSize(before);
};

/** One page with every picture: build/screens/index.html. */
export const contactSheet = (): void => {
  if (!existsSync(screensFolder)) return;
  const files = readdirSync(screensFolder).filter((name) => name.endsWith('.png')).sort();
  const figures = files.map((name) =>
    `<figure><a href="${name}"><img src="${name}" alt="" loading="lazy"></a>` +
    `<figcaption>${name.replace(/\.png$/, '')}</figcaption></figure>`);
  writeFileSync(join(screensFolder, 'index.html'), `<!doctype html><html lang="en">
<meta charset="utf-8"><title>Screens</title>
<style>body{font:14px system-ui;margin:1rem;background:#888;columns:16rem}figure{margin:0 0 1rem;
break-inside:avoid}img{width:100%;max-height:40rem;object-fit:cover;object-position:top}</style>
${figures.join('\n')}\n</html>\n`);
};
