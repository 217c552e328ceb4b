// ASVS V3: what every answer tells a browser, asked of every route, and what browsers may not do.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';

import { snippetOf } from '../../web/src/pages/surveys/embed.ts';
import { type Entry, type Filling, table } from '../isolation/routes.ts';
import { fillSides, Side } from '../isolation/world.ts';
import { Random } from '../support/deep.ts';
import { type Answer, type Ask, cookieOf, Probity, root } from '../support/probity.ts';

const evil = 'https://evil.example';
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: string;
  readonly entry: Entry;
}
interface Seen {
  readonly what: string;
  readonly path: string;
  readonly got: Answer;
}

const header = (got: Answer, name: string): string => String(got.headers[name] ?? '');
const typeOf = (got: Answer): string => header(got, 'content-type').replace(/;.*$/, '');

/** With its text as it is read, where it came packed. */
const unpacked = (got: Answer): Answer => {
  if (header(got, 'content-encoding') !== 'gzip') return got;
  const { status, headers, bytes } = got;
  const text = gunzipSync(bytes).toString();
  return { status, headers, bytes, text, get json() { return JSON.parse(text); } };
};

/** Directives of a policy; a directive that is not there falls back as browsers do. */
const policyOf = (got: Answer) => {
  const found = new Map(header(got, 'content-security-policy').split(';').map((part) => {
    const [name = '', ...sources] = part.trim().split(/ +/);
    return [name, sources] as const;
  }));
  return (name: string): readonly string[] => found.get(name) ?? (
    /-src$/.test(name) ? found.get('default-src') ?? ['*'] : ['*']);
};

/** The answer to bytes that are no request the server takes, as a browser would read it. */
const raw = (port: number, text: string): Promise<Answer> => new Promise((done, failed) => {
  let told = '';
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false },
    () => socket.write(text));
  socket.on('data', (piece: Buffer) => { told += piece.toString('latin1'); });
  socket.on('error', failed);
  socket.on('end', () => {
    socket.destroy();
    const [head = '', body = ''] = told.split('\r\n\r\n');
    const [first = '', ...lines] = head.split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }));
    done({
      status: Number(first.split(' ')[1]), headers, text: body, bytes: Buffer.from(body),
      get json() { return JSON.parse(body); },
    });
  });
});

const scriptsOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(js|ts|svelte)$/.test(name)).map((name) => join(folder, name));
const ownScripts = [join(root, 'web/src'), join(root, 'src/form/assets')].flatMap(scriptsOf);

describe('What browsers are told', () => {
  let probity: Probity;
  let side: Side;
  let routes: Route[];
  const seen: Seen[] = [];
  const cookies: string[] = [];

  const pathOf = (route: Route, filling: Filling): string => {
    const valueOf = (_: string, name: string) => filling.values?.[name] ?? '';
    const path = route.path.replace(/\{(\w+)\}/g, valueOf);
    return filling.query === undefined ? path : `${path}?${filling.query}`;
  };
  const note = (what: string, path: string, packed: Answer) => {
    const got = unpacked(packed);
    seen.push({ what, path, got });
    cookies.push(...[got.headers['set-cookie'] ?? []].flat());
  };
  const changes = (route: Route) => route.method !== 'GET';
  const needsIdentity = (route: Route) => /^(permission:|signed-in)/.test(route.access);

  /** One call as the owner, with a session of its own where the call ends it. */
  const askOwner = async (route: Route, more: Ask = {}): Promise<{ path: string; got: Answer }> => {
    const ends = route.entry.endsSession === true || route.entry.endsSessions === true;
    const who = ends ? await side.logIn('owner') : side.owner;
    const filling = await route.entry.fill?.(side, who) ?? {};
    const headers = { ...filling.ask?.headers, ...more.headers };
    const path = pathOf(route, filling);
    return { path, got: await who.ask(route.method, path, { ...filling.ask, ...more, headers }) };
  };

  before(async () => {
    probity = await Probity.start();
    side = new Side(probity, 'acme', new Random());
    await probity.serve();
    await fillSides(probity, side);
    const { paths } = (await probity.ask('GET', '/api/openapi.json')).json;
    routes = Object.entries<any>(paths).flatMap(([path, methods]) =>
      Object.entries<any>(methods).map(([verb, operation]) => {
        const method = verb.toUpperCase();
        const entry = table[`${method} ${path}`] ?? {};
        return { method, path, access: String(operation['x-probity-access']), entry };
      }));
    // What ends every session comes last.
    routes.sort((a, b) => Number(a.entry.endsSessions ?? 0) - Number(b.entry.endsSessions ?? 0));
    const headers = { origin: evil, accept: browser };
    for (const route of routes) {
      const what = `${route.method} ${route.path}`;
      const path = pathOf(route, route.entry.fill === undefined ? {}
        : await route.entry.fill(side, undefined));
      note(`${what} (stranger)`, path, await probity.ask(route.method, path, { headers }));
      note(`OPTIONS ${route.path}`, path, await probity.ask('OPTIONS', path, {
        headers: { origin: evil, 'access-control-request-method': route.method,
          'access-control-request-headers': 'content-type,x-csrf-token' },
      }));
      if (route.entry.streams === true || route.entry.endsSessions === true) continue;
      const { path: asked, got } = await askOwner(route, { headers: { origin: evil } });
      note(`${what} (owner)`, asked, got);
    }
    const entered = await probity.ask('POST', '/login', {
      body: new URLSearchParams({
        tenant: side.slug, email: side.mail('owner'), password: 'violet harbour lantern 47',
      }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(entered.status, 303, entered.text);
    note('POST /login (right)', '/login', entered);
    for (const [path] of new Set(seen.flatMap(({ got }) =>
      [...got.text.matchAll(/(?:src|href)="(\/(?:console\/)?assets\/[^"]+)"/g)]
        .map((found) => [found[1] ?? ''] as const))))
      note(`GET ${path}`, path, await probity.ask('GET', path));
    note('no such host', '/', await raw(probity.port, 'GET / HTTP/1.1\r\nhost: \r\n\r\n'));
    note('no HTTP', '/', await raw(probity.port, 'NONSENSE\r\n\r\n'));
  });
  after(() => probity?.stop());

  const everyAnswer = (check: (got: Answer, path: string) => void) => {
    assert.ok(seen.length > 200, `${seen.length} answers`);
    for (const { what, path, got } of seen)
      try {
        check(got, path);
      } catch (failure) {
        throw new Error(`${what}: ${got.status} ${String(failure)}`);
      }
  };
  const documents = () => seen.filter(({ got }) => typeOf(got) === 'text/html');

  test('every answer orders encryption for two years, for every subdomain', () =>
    everyAnswer((got) => assert.equal(header(got, 'strict-transport-security'),
      'max-age=63072000; includeSubDomains')));

  test('no other origin may read an answer, whatever it says it is', () => {
    everyAnswer((got) => {
      const names = Object.keys(got.headers).filter((name) => name.startsWith('access-control-'));
      assert.deepEqual(names, []);
    });
    const asked = seen.filter(({ what }) => what.startsWith('OPTIONS '));
    assert.ok(asked.length > 80 && asked.every(({ got }) => got.status === 405));
  });

  test('every answer has a policy that lets in nothing but files of this server', () =>
    everyAnswer((got) => {
      const of = policyOf(got);
      for (const name of ['object-src', 'base-uri', 'default-src'])
        assert.deepEqual(of(name), ["'none'"], name);
      const policy = header(got, 'content-security-policy');
      assert.match(policy, /(^|; )object-src 'none'(;|$)/);
      for (const name of ['script-src', 'style-src', 'font-src', 'connect-src', 'frame-src',
        'worker-src', 'media-src', 'manifest-src'])
        assert.ok(of(name).every((source) => ["'self'", "'none'"].includes(source)), name);
      assert.ok(of('img-src').every((source) => ["'self'", "'none'", 'data:'].includes(source)));
      assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    }));

  test('every page names where browsers tell what its policy kept from it', () => {
    assert.ok(documents().length > 10);
    for (const { what, got } of documents())
      assert.deepEqual(policyOf(got)('report-uri'), ['/policy-report'], what);
  });

  test('a report of a violation is logged in words of the program', async () => {
    const send = (body: string, type = 'application/csp-report') =>
      probity.ask('POST', '/policy-report', { body, headers: { 'content-type': type } });
    const report = (said: Record<string, unknown>) => JSON.stringify({ 'csp-report': said });
    const all = () => probity.log.split('\n').filter((line) => line.includes('policy_violated'));
    // The calls of every route sent some already.
    await probity.advance(60);
    const before = all().length;
    const lines = () => all().slice(before);
    for (const [body, type, status] of [
      [report({}), 'application/json', 415], ['{', undefined, 400], ['[]', undefined, 400],
      ['{"csp-report":1}', undefined, 400], [report({ x: 'x'.repeat(20_000) }), undefined, 413],
    ] as const)
      assert.equal((await send(body, type)).status, status, body.slice(0, 40));
    assert.deepEqual(lines(), []);
    const secret = 'https://127.0.0.1/s/secret-of-a-link';
    for (const [said, told] of [
      [{ 'document-uri': secret, 'effective-directive': 'img-src', 'blocked-uri': secret },
        '"directive":"img-src","kind":"address"'],
      [{ 'violated-directive': 'script-src-elem x', 'blocked-uri': 'inline' },
        '"directive":"script-src","kind":"inline"'],
      [{ 'effective-directive': secret, 'blocked-uri': { secret }, 'source-file': secret },
        '"directive":"other","kind":"other"'],
    ] as const) {
      assert.equal((await send(report(said))).status, 204);
      assert.ok(lines().at(-1)?.includes(told), lines().at(-1));
    }
    assert.doesNotMatch(probity.log, /secret-of-a-link/);
    for (let i = 0; i < 20; ++i) assert.equal((await send(report({}))).status, 204);
    assert.equal(lines().length, 10);
    await probity.advance(60);
    assert.equal((await send(report({}))).status, 204);
    assert.match(lines()[10] ?? '', /"left_out":13/);
  });

  test('no type is guessed, and every body has its own', () =>
    everyAnswer((got, path) => {
      assert.equal(header(got, 'x-content-type-options'), 'nosniff');
      if (got.bytes.length > 0) assert.notEqual(typeOf(got), '');
      if (got.status === 200 && path.endsWith('.css')) assert.equal(typeOf(got), 'text/css');
      if (got.status === 200 && path.endsWith('.js')) assert.equal(typeOf(got), 'text/javascript');
    }));

  test('no address of a page is told to another site', () =>
    everyAnswer((got) => assert.equal(header(got, 'referrer-policy'), 'no-referrer')));

  test('nothing can be framed but a preview, by this server', () => {
    everyAnswer((got, path) => {
      const isPreview = /\/preview(\?|$)/.test(path) && typeOf(got) === 'text/html' &&
        got.status === 200;
      assert.deepEqual(policyOf(got)('frame-ancestors'), [isPreview ? "'self'" : "'none'"]);
    });
  });

  test('every document has a window of its own, and no answer serves another site', () => {
    everyAnswer((got) =>
      assert.equal(header(got, 'cross-origin-resource-policy'), 'same-origin'));
    assert.ok(documents().length > 10);
    for (const { what, got } of documents())
      assert.equal(header(got, 'cross-origin-opener-policy'), 'same-origin', what);
  });

  test('what is no page is never shown as one', () => {
    const inert = ['application/json', 'application/problem+json', 'application/openapi+json',
      'application/schema+json', 'text/css', 'text/javascript', 'text/plain', 'text/event-stream'];
    everyAnswer((got, path) => {
      if (got.bytes.length === 0 || inert.includes(typeOf(got))) return;
      if (typeOf(got) === 'text/html') {
        // Of the interface, only a preview is a page; refusals of the rest are told on one.
        if (path.startsWith('/api/') && got.status < 300) assert.match(path, /\/preview(\?|$)/);
        return;
      }
      if (typeOf(got).startsWith('image/'))
        assert.match(header(got, 'content-security-policy'), /; sandbox$/);
      else assert.match(header(got, 'content-disposition'), /^attachment; filename="/, typeOf(got));
    });
    const types = new Set(seen.map(({ got }) => typeOf(got)));
    for (const type of ['image/svg+xml', 'image/png', 'text/csv', 'application/pdf'])
      assert.ok([...types].includes(type), `${type} was not among ${[...types].join(' ')}`);
  });

  test('the only cookie is bound to this host, hidden from scripts and small', async () => {
    // Names of the longest kind must not make it grow.
    const slug = `a${'b'.repeat(62)}`;
    const long = probity.init(slug, `${'o'.repeat(60)}@${'x'.repeat(60)}.example`);
    await probity.until('the tenant is there', async () =>
      (await probity.ask('GET', `/t/${slug}/privacy`)).status === 200);
    const member = await probity.setUp(long, 'violet harbour lantern 47');
    const entered = await probity.ask('POST', '/api/v1/login', {
      body: { tenant: slug, email: long.owner, password: 'violet harbour lantern 47' },
    });
    const lines = [...cookies, ...[entered.headers['set-cookie'] ?? []].flat()];
    assert.ok(lines.length >= 4, `${lines.length} cookies`);
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ');
      assert.match(pair, /^__Host-probity=[A-Za-z0-9_-]*$/);
      assert.deepEqual([...attributes].sort(), ['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
      assert.ok(pair.length - 1 <= 4096, `${pair.length} bytes`);
    }
    // It reaches the browser in that header alone, and no other kind of secret is kept by cookie.
    const values = [side.owner.cookie, member.cookie, cookieOf(entered)];
    everyAnswer((got) => assert.ok(values.every((value) => !got.text.includes(value))));
    const me = await member.must(200, 'GET', '/api/v1/me');
    assert.ok([entered, me].every((got) => !values.some((value) => got.text.includes(value))));
    for (const file of ownScripts)
      assert.doesNotMatch(readFileSync(file, 'utf8'), /document\.cookie|cookieStore/, file);
  });

  test('a change needs the token that other sites cannot have, on every route', async () => {
    const guarded = routes.filter((route) => changes(route) && needsIdentity(route));
    assert.ok(guarded.length > 25, `${guarded.length} routes`);
    for (const route of guarded) {
      const filling = await route.entry.fill?.(side, side.owner) ?? {};
      for (const type of ['text/plain', 'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x'])
        for (const csrf of ['', 'A'.repeat(side.owner.csrf.length)]) {
          const got = await side.owner.ask(route.method, pathOf(route, filling), {
            body: 'answers=1', csrf, headers: { 'content-type': type, origin: evil },
          });
          assert.equal(got.status, 403, `${route.method} ${route.path}: ${got.text}`);
          assert.match(got.text, /csrf|form was not sent|token/i);
        }
    }
  });

  test('what strangers may post takes no type that a foreign page can send unasked', async () => {
    const simple = ['text/plain', 'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x'];
    const open = routes.filter((route) => changes(route) && !needsIdentity(route) &&
      route.path.startsWith('/api/') && route.access !== 'test-mode');
    assert.ok(open.length >= 3);
    for (const route of open) {
      const filling = await route.entry.fill?.(side, undefined) ?? {};
      const body = JSON.stringify(filling.ask?.body ?? {});
      for (const type of simple) {
        const headers = { 'content-type': type };
        const got = await probity.ask(route.method, pathOf(route, filling), { body, headers });
        assert.equal(got.status, 415, `${route.method} ${route.path} ${type}`);
      }
    }
    // Pages without script post forms: there the browser says where they came from.
    for (const path of ['/login', '/setup']) {
      const body = new URLSearchParams({
        tenant: side.slug, email: side.mail('owner'), password: 'violet harbour lantern 47',
      }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'cross-site' };
      const got = await probity.ask('POST', path, { body, headers });
      assert.equal(got.status, 403, path);
      assert.equal(cookieOf(got), '');
    }
  });

  test('a look changes nothing', async () => {
    const lists = ['surveys', 'users', 'tokens', `surveys/${side.survey.id}/responses`,
      `surveys/${side.survey.id}/report/links`];
    const state = async () => JSON.stringify([
      ...await Promise.all(lists.map((list) =>
        side.owner.must(200, 'GET', `/api/v1/${list}`).then((got) => got.json.items))),
      (await side.owner.must(200, 'GET', '/api/v1/tenant/settings')).json,
      (await side.owner.must(200, 'GET', `/api/v1/surveys/${side.survey.id}`)).json,
    ]);
    // What the table makes to look at is made before.
    const looks: string[] = [];
    for (const route of routes.filter((one) => !changes(one) && one.entry.streams !== true)) {
      const filling = await route.entry.fill?.(side, side.owner) ?? {};
      looks.push(pathOf(route, filling));
    }
    const before = await state();
    const known = new Set((await side.owner.every('/api/v1/audit')).map((entry) => entry.id));
    for (const path of looks)
      for (const method of ['GET', 'HEAD']) await side.owner.ask(method, path);
    assert.equal(await state(), before);
    const told = (await side.owner.every('/api/v1/audit')).filter((entry) => !known.has(entry.id));
    const actions = new Set(told.map((entry) => String(entry.action)));
    assert.deepEqual([...actions].filter((name) => !/\.(read|list|export)$/.test(name)), []);
  });

  test('no answer becomes a script, whatever name of a function comes along', async () => {
    for (const route of routes.filter((one) => !changes(one) && one.entry.streams !== true)) {
      if (/assets/.test(route.path)) continue;
      const filling = await route.entry.fill?.(side, side.owner) ?? {};
      const path = pathOf(route, filling);
      const ask = `${path}${path.includes('?') ? '&' : '?'}callback=hurt&jsonp=hurt&cb=hurt`;
      const got = await side.owner.ask('GET', ask, { headers: { accept: 'text/javascript, */*' } });
      assert.doesNotMatch(typeOf(got), /script/, ask);
      assert.doesNotMatch(got.text, /hurt\s*\(/, ask);
    }
  });

  test('scripts are the same for everybody and hold no data of anybody', async () => {
    const paths = [...new Set(seen.filter(({ got }) => typeOf(got) === 'text/javascript')
      .map(({ path }) => path))];
    assert.ok(paths.some((path) => path.startsWith('/console/')) &&
      paths.some((path) => path.startsWith('/assets/pages/')), paths.join(' '));
    for (const path of paths) {
      const [open, own] = [await probity.ask('GET', path), await side.owner.ask('GET', path)];
      assert.ok(open.bytes.equals(own.bytes), path);
      assert.match(header(own, 'cache-control'), /^public/);
      assert.ok(!unpacked(own).text.includes(side.canary));
    }
    for (const { what, got } of seen.filter((one) => typeOf(one.got) === 'text/html'))
      assert.doesNotMatch(got.text, /<script(?![^>]* src=)|\son\w+="|javascript:/, what);
  });

  test('pages load what they need from this server, and by no plug-in', () => {
    assert.ok(documents().length > 10);
    for (const { what, got } of documents()) {
      const loads = [...got.text.matchAll(
        /<(?:script|img|iframe|source|video|audio|embed|link)\b[^>]*?\s(?:src|href)="([^"]*)"/g)];
      for (const [tag, address = ''] of loads)
        assert.match(address, /^(\/(?!\/)|data:,)/, `${what}: ${tag}`);
      assert.doesNotMatch(got.text, /<(object|embed|applet|param|bgsound|frameset)\b/i, what);
    }
    const styles = seen.filter(({ got }) => typeOf(got) === 'text/css');
    assert.ok(styles.length >= 3);
    for (const { what, got } of styles)
      assert.doesNotMatch(got.text, /@import|url\(\s*["']?(?!\/(?!\/)|data:|#)/, what);
  });

  test('nobody is sent to another site; a way there is a link that names it', async () => {
    const sent = seen.filter(({ got }) => got.headers['location'] !== undefined);
    assert.ok(sent.length > 0);
    for (const { what, got } of sent) assert.match(header(got, 'location'), /^\/(?!\/)/, what);
    everyAnswer((got) => {
      assert.equal(header(got, 'refresh'), '');
      if (typeOf(got) === 'text/html') assert.doesNotMatch(got.text, /http-equiv/i);
    });
    const { id, token } = await side.owner.survey(side.questionnaire);
    const { headers } = await side.owner.must(200, 'GET', `/api/v1/surveys/${id}`);
    const settings = await side.owner.ask('PATCH', `/api/v1/surveys/${id}/settings`, {
      body: { pages: { redirect: 'https://onward.example/there?a=1' } },
      headers: { 'if-match': header({ headers } as Answer, 'etag') },
    });
    assert.ok(settings.status < 300, settings.text);
    const shown = await probity.ask('GET', `/s/${token}`);
    const hidden = [...shown.text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
      .map(([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')]);
    const thanks = await probity.ask('POST', `/s/${token}`, {
      body: new URLSearchParams([...hidden, ['a.recommend', '3'],
        ['_move', 'send']] as [string, string][]).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    assert.equal(thanks.status, 200, thanks.text);
    assert.equal(header(thanks, 'location') + header(thanks, 'refresh'), '');
    assert.doesNotMatch(thanks.text, /http-equiv/i);
    assert.match(thanks.text,
      /href="https:\/\/onward\.example\/there\?a=1">Continue to onward\.example<\/a>/);
    for (const file of ownScripts.filter((name) => name.includes('src/form')))
      assert.doesNotMatch(readFileSync(file, 'utf8'), /onward/, file);
  });

  test('names that people choose hide nothing of the page itself from its scripts', async () => {
    const names = ['getElementById', 'body', 'forms', 'location', 'cookie', '_answers', '_asked',
      '__proto__', 'constructor', 'elements', 'dataset', 'submit'];
    const { token } = await side.owner.survey({
      title: 'Names',
      pages: [{ name: 'one', elements: [
        ...names.map((name) => ({ type: 'text', name, title: name })),
        { type: 'html', name: 'words', html: '<a id="forms" name="body">x</a><p id="q0">y</p>' },
      ] }],
    });
    const { text } = await probity.ask('GET', `/s/${token}`);
    const found = [...text.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(([, name = '']) => name);
    assert.ok(names.every((name) => found.includes(`a.${name}`)), found.join(' '));
    const own = /^(a\.|q\d+(-\w+)*$|_page$|_asked$|_move$|sent-(key|version|opened)$|w$|website$)/;
    assert.deepEqual(found.filter((name) => !own.test(name) &&
      !['viewport', 'referrer', 'robots'].includes(name)), []);
    assert.equal(found.filter((name) => name === 'q0').length, 1);
    for (const file of ownScripts) {
      const script = readFileSync(file, 'utf8');
      assert.doesNotMatch(script, /\b(document|window|globalThis)\.(?!title\b)\w+ = |\bvar /, file);
      if (file.endsWith('.js')) assert.match(script, /^'use strict';$/m, file);
    }
  });

  test('text is shown as text by every script', () => {
    assert.ok(ownScripts.length > 40);
    for (const file of ownScripts)
      for (const maker of [/\b(inner|outer)HTML\b|insertAdjacentHTML|setHTML|\{@html/,
        /document\.write|createContextualFragment|parseFromString|srcdoc/,
        /\beval\(|new Function\(|set(Timeout|Interval)\(\s*['"`]/])
        assert.doesNotMatch(readFileSync(file, 'utf8'), maker, file);
  });

  test('a message is taken from the framed survey and from nobody else', () => {
    for (const file of ownScripts.filter((name) => !name.endsWith('embed.ts')))
      assert.doesNotMatch(readFileSync(file, 'utf8'),
        /(addEventListener\(|on)['"`]?message\b|postMessage\([^)]*['"`]\*['"`]/, file);
    const snippet = snippetOf('https://ask.example/s/abc', 'Survey');
    const script = /<script>([\s\S]*)<\/script>/.exec(snippet)?.[1] ?? '';
    const frame = { contentWindow: {}, height: '600' };
    let receive: (event: unknown) => void = () => assert.fail('nothing listens');
    runInNewContext(script, {
      Math, document: { getElementById: () => frame },
      addEventListener: (kind: string, take: typeof receive) => {
        assert.equal(kind, 'message');
        receive = take;
      },
    });
    const origin = 'https://ask.example';
    const source = frame.contentWindow;
    const data = { probityHeight: 900 };
    for (const event of [
      { origin: evil, source, data }, { origin, source: {}, data },
      { origin: 'null', source, data },
      { origin: `${origin}.evil.example`, source, data }, { origin, source, data: {} },
      { origin, source, data: { probityHeight: 'x' } }, { origin, source, data: 'x' },
      { origin, source, data: { probityHeight: -1 } },
    ]) receive(event);
    assert.equal(frame.height, '600');
    receive({ origin, source, data });
    assert.equal(frame.height, 920);
  });

  describe('of old or reduced browsers', () => {
    const page = readFileSync(join(root, 'docs/for-operators.md'), 'utf8');
    const section = /## Browsers\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';

    test('the documentation names every protection that browsers are asked for', () => {
      const told = new Set(seen.flatMap(({ got }) => Object.keys(got.headers)));
      const protections = [...told].filter((name) =>
        /^(strict-|content-security|x-content-type|x-frame|referrer-|cross-origin-|permissions-)/
          .test(name));
      assert.ok(protections.length >= 8, protections.join(' '));
      for (const name of [...protections, '__Host-', 'SameSite', 'TLS 1.2', 'JavaScript'])
        assert.ok(section.toLowerCase().includes(name.toLowerCase()), `${name} is not named`);
    });

    test('without a cookie or script things are as documented', async () => {
      assert.match(section, /Without cookies the server asks for log-in again/);
      const start = await probity.ask('GET', '/', { headers: { accept: browser } });
      assert.match(start.text, /href="\/login"/);
      const me = await probity.ask('GET', '/api/v1/me');
      assert.equal(me.status, 401);
      assert.match(section, /Without JavaScript the\s+console says so/);
      const index = unpacked(await probity.ask('GET', '/console'));
      assert.match(index.text, /<noscript>\s*<p>[^<]*needs JavaScript/);
      const survey = await probity.ask('GET', `/s/${side.survey.token}`);
      assert.match(survey.text, /<button type="submit" name="_move" value="send"/);
    });
  });
});
