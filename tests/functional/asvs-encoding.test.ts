// ASVS V1: input is decoded once, output is encoded where it is read, and no text becomes code.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import {
  type Answer, binary, goodPassword, type Member, Probity, root, sampleQuestionnaire,
} from '../support/probity.ts';

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

/** What would come alive where it is not encoded, or would change where it is decoded twice. */
const hurtful = [
  '</textarea><script>hurt()</script>', '"><img src=x onerror=hurt()>', '\' onmouseover=hurt() \'',
  '&lt;b&gt; &amp;amp; &#60;', '%3Cb%3E %253Cb%253E +%2B', '\\u003cb\\u003e \\"', '{{7*7}} ${7*7}',
  '<%= 7*7 %> #{7*7} {a} {words}', '%s%n%x {0} {} {:x}', '[x](javascript:hurt()) **b** [b]x[/b]',
  ']]> --> */ </style>', '=1+1\t|"x"', "'; DROP TABLE survey; --",
];

const hiddenOf = (page: string): [string, string][] =>
  [...page.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
    .map(([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')]);

const readelf = (...words: string[]): string => {
  const ran = spawnSync('readelf', ['--wide', ...words, binary], { encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout;
};

const filesOf = (folder: string, ending: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name)).map((name) => join(root, folder, name));
/** Sources of the program itself, without tests and measurements. */
const sources = filesOf('src', /\.[ch]pp$/)
  .filter((name) => !/_(test|bench|fuzz|for_test|fixture)\.[ch]pp$/.test(name));
const scripts = [...filesOf('web/src', /\.(ts|svelte)$/), ...filesOf('src/form/assets', /\.js$/)];

describe('Text that people send', () => {
  let probity: Probity;
  let owner: Member;

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin();
  });
  after(() => probity?.stop());

  const noFailure = () => assert.doesNotMatch(probity.log, /"level":"failure"/);

  test('is stored as it was typed and encoded for whoever reads it', async () => {
    const typed = hurtful.join('\n');
    const { id, token } = await owner.survey({
      title: hurtful.slice(0, 3).join(' '),
      pages: [{ name: 'one', elements: [
        { type: 'comment', name: 'words', title: hurtful.slice(3, 9).join(' '), isRequired: true },
        { type: 'radiogroup', name: 'pick', title: 'Pick', choices: [hurtful[0], hurtful[1]] },
      ] }],
    });
    const page = await probity.ask('GET', `/s/${token}`);
    const post = (fields: [string, string][]) => probity.ask('POST', `/s/${token}`, {
      body: new URLSearchParams([...hiddenOf(page.text), ...fields]).toString(), headers: formType,
    });
    // A page that comes back shows what was typed; the one after it is stored.
    const shown = await post([['a.words', typed], ['a.pick', 'neither'], ['_move', 'send']]);
    const sent = await post([['a.words', typed], ['a.pick', hurtful[0] ?? ''], ['_move', 'send']]);
    assert.match(sent.text, /rcp_/, sent.text);
    const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
    const field = /<textarea[^>]*>\n([\s\S]*?)<\/textarea>/.exec(shown.text)?.[1] ?? '';
    assert.equal(field.replaceAll('&#x27;', '&#39;').replaceAll('\r', ''), escaped(typed));
    for (let i = 0; i < 5; ++i)
      await probity.ask('POST', `/api/v1/public/${token}/responses`,
        { body: { answers: { words: typed, pick: hurtful[1] } } });
    const { path } = (await owner.must(201, 'POST', `/api/v1/surveys/${id}/report/links`,
      { expires_in_hours: 1 })).json;
    const report = await probity.ask('GET', path);
    assert.equal(report.status, 200);
    for (const { text } of [page, shown, sent, report]) {
      assert.ok(text.includes('&lt;script&gt;hurt()'), text);
      for (const [tag] of text.matchAll(/<[a-z][^>]*>/gi)) {
        assert.doesNotMatch(tag, /^<(script(?! type="module" src="\/)|img|b>)/i);
        assert.doesNotMatch(tag.replaceAll(/"[^"]*"/g, '""'), /\son\w+=|=[^"]/i);
      }
    }
    for (const title of ['{{7*7}} ${7*7}', '%s%n%x {0} {} {:x}', '%3Cb%3E %253Cb%253E'])
      assert.ok(page.text.includes(title), title);
    const kept = (await owner.must(200, 'GET', `/api/v1/surveys/${id}/responses`)).json.items;
    assert.equal(kept.length, 6);
    for (const one of kept)
      assert.equal(String(one.answers.words).replaceAll('\r\n', '\n'), typed);
    const lines = (await owner.must(200, 'GET', `/api/v1/surveys/${id}/export.jsonl`)).text;
    const parsed = lines.trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(parsed.filter((one) => one.answers?.words.replaceAll('\r\n', '\n') === typed)
      .length, 6);
    const csv = (await owner.must(200, 'GET', `/api/v1/surveys/${id}/export.csv`)).text;
    assert.ok(csv.replaceAll('\r\n', '\n').includes(typed.replaceAll('"', '""')), csv);
    const document = (await owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
    assert.ok(JSON.stringify(document).includes(JSON.stringify(hurtful.slice(0, 3).join(' '))));
  });

  test('in an address is decoded once', async () => {
    const status = async (path: string) => (await probity.ask('GET', path)).status;
    assert.equal(await status('/assets/probity.css'), 200);
    assert.equal(await status('/%61ssets/probity%2Ecss'), 200);
    assert.equal(await status('/%2561ssets/probity.css'), 404);
    for (const path of ['/assets/%2e%2e/login', '/assets/../login', '/assets/%c0%ae%c0%ae/login',
      '/assets/x%00', '/assets\\login', '/login%zz'])
      assert.equal(await status(path), 400, path);
    const { token } = await owner.survey(sampleQuestionnaire);
    assert.equal(await status(`/s/%${token.charCodeAt(0).toString(16)}${token.slice(1)}`), 200);
    assert.equal(await status(`/s/%25${token.charCodeAt(0).toString(16)}${token.slice(1)}`), 404);
  });

  test('becomes a link only where it is an https address', async () => {
    const { id } = await owner.survey(sampleQuestionnaire);
    const set = async (name: string, value: string): Promise<Answer> => {
      const { headers } = await owner.must(200, 'GET', `/api/v1/surveys/${id}`);
      return owner.ask('PATCH', `/api/v1/surveys/${id}/settings`, {
        body: { pages: { [name]: value } }, headers: { 'if-match': String(headers['etag']) },
      });
    };
    for (const name of ['redirect', 'imprint_url', 'frame_origin']) {
      for (const value of ['javascript:hurt()', 'JavaScript:hurt()', 'data:text/html,x', 'ftp://x',
        'http://example.org', '//example.org', 'https://', 'https://a b', 'https://x/" onclick="y',
        'https://u:p@example.org', 'https://x\nset-cookie: y',
        'https://example.org; script-src *', "https://example.org 'unsafe-inline'"]) {
        const got = await set(name, value);
        assert.ok([400, 422].includes(got.status), `${name} ${value}: ${got.status}`);
      }
      assert.ok((await set(name, 'https://example.org')).status < 300, name);
    }
    for (const lang of ['<script>', '%22%3E%3Cscript%3E', "de'x"]) {
      const { token } = await owner.survey(sampleQuestionnaire);
      const page = await probity.ask('GET', `/s/${token}?lang=${encodeURIComponent(lang)}`);
      assert.equal(page.status, 200);
      assert.ok(!page.text.includes(lang) && !page.text.includes('<script>'));
    }
  });

  test('is never part of a statement', async () => {
    const { id, token } = await owner.survey(sampleQuestionnaire);
    for (let i = 0; i < 6; ++i)
      await probity.ask('POST', `/api/v1/public/${token}/responses`,
        { body: { answers: { recommend: 9, words: `plain ${i}` } } });
    const injections = ["' OR '1'='1", "x' OR 1=1 --", '%', '_', '"; DELETE FROM survey; --',
      "'); DROP TABLE survey_response; --", "\\'; SELECT pg_sleep(5); --", '$1', '?1', '/**/'];
    const state = async () => JSON.stringify([
      (await owner.every('/api/v1/surveys')).map((one) => [one.id, one.responses]),
      (await owner.every('/api/v1/users')).length,
    ]);
    const before = await state();
    for (const text of injections) {
      const query = encodeURIComponent(text);
      const found = await owner.must(200, 'GET',
        `/api/v1/surveys/${id}/report/comments?question=words&q=${query}`);
      assert.deepEqual(found.json.items, [], text);
      for (const path of [`/api/v1/surveys?after=${query}`, `/api/v1/users?after=${query}`,
        `/api/v1/audit?after=${query}`, `/api/v1/surveys/${query}`, `/s/${query}`,
        `/api/v1/surveys/${id}/report?filter=${query}`, `/t/${query}/privacy`]) {
        const { status } = await owner.ask('GET', path);
        assert.ok([400, 404, 422].includes(status), `${path}: ${status}`);
      }
      for (const body of [{ tenant: text, email: 'a@b.example', password: goodPassword },
        { tenant: 'main', email: text, password: goodPassword },
        { tenant: 'main', email: owner.me.user.email, password: text }]) {
        const got = await probity.ask('POST', '/api/v1/login', { body });
        assert.ok([400, 401, 422, 429].includes(got.status), `${got.status} ${got.text}`);
      }
      const made = await owner.must(201, 'POST', '/api/v1/tokens',
        { name: text, scopes: ['surveys.read'] });
      const listed = (await owner.every('/api/v1/tokens')).find((one) => one.id === made.json.id);
      assert.equal(listed.name, text);
    }
    assert.equal(await state(), before);
    noFailure();
  });

  test('makes the server call nobody', async (t) => {
    let calls = 0;
    const listener = createServer((socket) => {
      ++calls;
      socket.destroy();
    });
    await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done));
    t.after(() => listener.close());
    const address = listener.address();
    assert.ok(address !== null && typeof address === 'object');
    const url = `https://127.0.0.1:${address.port}/x`;
    const plain = url.replace('https', 'http');
    const ask = (elements: unknown[]) =>
      owner.ask('POST', '/api/v1/surveys', { body: { title: url, elements } });
    assert.equal((await ask([{ type: 'html', name: 'h',
      html: `<a href="${url}">x</a><img src="${plain}">` }])).status, 201);
    for (const remote of [
      { type: 'dropdown', name: 'a', choicesByUrl: { url: plain } },
      { type: 'dropdown', name: 'a', choices: ['a'], choicesByUrl: { url } },
    ]) assert.equal((await ask([remote])).status, 400);
    const xml = `<!DOCTYPE document SYSTEM "${plain}"><document>&x;</document>`;
    const external =
      `<!DOCTYPE d [<!ENTITY x SYSTEM "${plain}"><!ENTITY % y SYSTEM "${plain}"> %y;]><d>&x;</d>`;
    for (const body of [xml, external, external.replace(plain, 'file:///etc/passwd')]) {
      const got = await owner.ask('POST', '/api/v1/surveys/import', {
        body, headers: { 'content-type': 'application/xml' },
      });
      assert.ok(got.status >= 400 && got.status < 500, got.text);
      assert.doesNotMatch(got.text, /root:/);
    }
    const { id, token } = await owner.survey(sampleQuestionnaire);
    const { headers } = await owner.must(200, 'GET', `/api/v1/surveys/${id}`);
    const settings = await owner.ask('PATCH', `/api/v1/surveys/${id}/settings`, {
      body: { pages: { redirect: url, imprint: 'x', imprint_url: url } },
      headers: { 'if-match': String(headers['etag']) },
    });
    assert.ok(settings.status < 300, settings.text);
    for (const name of ['referer', 'x-forwarded-for', 'x-forwarded-host', 'forwarded', 'origin'])
      await probity.ask('GET', `/s/${token}`, { headers: { [name]: url } });
    await probity.ask('POST', `/api/v1/public/${token}/responses`,
      { body: { answers: { words: url } } });
    await owner.must(200, 'GET', `/api/v1/surveys/${id}/report.pdf`);
    assert.equal(calls, 0);
  });

  test('is never a picture that acts', async () => {
    const { json } = await owner.must(201, 'POST', '/api/v1/surveys', sampleQuestionnaire);
    for (const [type, body] of [
      ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><script>hurt()</script></svg>'],
      ['image/png', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
      ['image/png', '<html><script>hurt()</script></html>'],
    ] as const) {
      const got = await owner.ask('PUT', `/api/v1/surveys/${json.id}/logo`,
        { body, headers: { 'content-type': type } });
      assert.ok([400, 415, 422].includes(got.status), `${type}: ${got.status} ${got.text}`);
    }
  });
});

describe('The program', () => {
  test('is linked with these libraries and no interpreter of another language', () => {
    const known = ['simdjson', 'pangocairo-1.0', 'pango-1.0', 'gobject-2.0', 'glib-2.0', 'cairo',
      'expat', 'qrencode', 'zxcvbn', 'ssl', 'crypto', 'sodium', 'z', 'boost_json', 'fmt',
      'utf8proc', 'fido2', 'cbor', 'sqlcipher', 'pq', 'stdc++', 'm', 'gcc_s', 'c'];
    const needed = [...readelf('--dynamic').matchAll(/\(NEEDED\).*\[(?:lib)?([^\]]*?)\.so/g)]
      .map(([, name = '']) => name).filter((name) => !name.startsWith('ld-linux'));
    assert.ok(needed.length > 15, needed.join(' '));
    assert.deepEqual(needed.filter((name) => !known.includes(name)), []);
  });

  test('starts no other program, loads no code and looks up no host', () => {
    const wanted = [...readelf('--dyn-syms').matchAll(/ UND (\w+)/g)].map(([, name = '']) => name);
    assert.ok(wanted.includes('connect') && wanted.length > 500, `${wanted.length} symbols`);
    const never = /^(system|popen|(f?exec)[vl]\w*|posix_spawnp?|v?fork|clone3?|dlopen|dlmopen)$/;
    assert.deepEqual(wanted.filter((name) => never.test(name)), []);
    const others = /^(getaddrinfo|gethostby\w+|regcomp|regexec|wordexp|glob|ldap_\w+|curl_\w+)$/;
    assert.deepEqual(wanted.filter((name) => others.test(name)), []);
    // What it connects to are its own listeners, to look at itself, and the scanner it is told of.
    const callers = sources.filter((file) => /[ (!]::connect\(/.test(readFileSync(file, 'utf8')))
      .map((file) => file.replace(/^.*\/src\//, ''));
    assert.deepEqual(callers, ['net/outgoing.cpp']);
  });

  test('calls nothing that copies without a bound, and the checked forms of the rest', () => {
    const wanted = [...readelf('--dyn-syms').matchAll(/ UND (\w+)/g)].map(([, name = '']) => name);
    const unbounded = /^(str(cpy|cat)|stpcpy|v?sprintf|gets|v?[fs]?scanf|strtok)$/;
    assert.deepEqual(wanted.filter((name) => unbounded.test(name)), []);
    for (const name of ['__stack_chk_fail', '__memcpy_chk', '__memset_chk'])
      assert.ok(wanted.includes(name), name);
  });

  test('writes by formats that stand in its sources', () => {
    assert.ok(sources.length > 250);
    for (const file of sources) {
      const text = readFileSync(file, 'utf8');
      // fmt checks its formats as it is compiled, unless it is told not to.
      assert.doesNotMatch(text, /fmt::(runtime|vformat|vprint)|std::vformat/, file);
      assert.doesNotMatch(text, /\bv\w*printf\(|\bsn?printf\(/, file);
      const calls = text.matchAll(/\b(?:std::)?(?:printf\(|fprintf\(\s*\w+,)\s*(.)/g);
      for (const [call, first] of calls) assert.equal(first, '"', `${file}: ${call}`);
    }
  });

  test('matches no text by expressions that could run away', () => {
    for (const file of sources)
      assert.doesNotMatch(readFileSync(file, 'utf8'), /std::regex|<regex|\bpcre|\bre2\//, file);
    for (const file of scripts) {
      const text = readFileSync(file, 'utf8');
      assert.doesNotMatch(text, /new RegExp\(|\bRegExp\(/, file);
      // A repeated group that repeats within is what backtracking grows on.
      for (const [literal] of text.matchAll(/(?<=[=(,:!&|?[]\s*)\/(?![*/ ])(?:\\.|[^/\n\\])+\//g))
        assert.doesNotMatch(literal, /\([^()]*[+*][^()]*\)[+*{]/, `${file}: ${literal}`);
    }
  });
});
