// What is wrong is refused with a clear problem document, and nothing half-written remains.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'node:tls';

import {
  type Answer, engines, goodPassword, type Member, Probity, sampleAnswers, sampleQuestionnaire,
  sharedFolder,
} from '../support/probity.ts';

const suite = join(process.env['PROBITY_SUITES'] ?? join(sharedFolder, 'suites'),
  'json-test-suite', 'test_parsing');
const noSuite = !existsSync(suite) && 'the JSON suite is not beside the checkout';
const kB = 1024;

/** A refusal as the contract has it: a problem document with code and request id. */
const checkProblem = (got: Answer, what: string, ...statuses: number[]): any => {
  assert.ok(statuses.includes(got.status), `${what}: ${got.status} ${got.text.slice(0, 300)}`);
  assert.match(String(got.headers['content-type']), /^application\/problem\+json/, what);
  const problem = got.json;
  assert.equal(problem.status, got.status, what);
  assert.match(problem.code, /^[a-z_]+$/, what);
  assert.match(problem.request_id, /^req_/, what);
  assert.ok(problem.title.length > 5, what);
  return problem;
};

/** A refusal that says which field and what the rule is. */
const checkField = (got: Answer, field: RegExp, rule: RegExp) => {
  const problem = checkProblem(got, String(field), 400, 413, 422);
  const told = JSON.stringify([problem.errors ?? [], problem.detail ?? '']);
  assert.match(told, field);
  assert.match(told, rule);
};

const page = (...elements: unknown[]) => ({ title: 'T', pages: [{ name: 'p', elements }] });
const text = (name: string, more: object = {}) => ({ type: 'text', name, title: name, ...more });
const many = (count: number) => Array.from({ length: count }, (_, i) => text(`q${i}`));

for (const engine of engines) {
  describe(`bad input on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;
    let survey: { id: string; token: string };

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
      survey = await owner.survey(sampleQuestionnaire);
    });
    after(() => probity?.stop());

    const send = (body: string | Buffer, type = 'application/json') =>
      probity.ask('POST', `/api/v1/public/${survey.token}/responses`, {
        body, headers: { 'content-type': type },
      });
    const create = (body: unknown) => owner.ask('POST', '/api/v1/surveys', { body });

    /** Everything a refused request could have written to. */
    const rows = async (): Promise<string> => {
      const list = async (path: string) =>
        (await owner.must(200, 'GET', `${path}?limit=1000`)).json.items.length;
      const report = await owner.must(200, 'GET', `/api/v1/surveys/${survey.id}/report`);
      return JSON.stringify([
        await list('/api/v1/surveys'), await list('/api/v1/users'), await list('/api/v1/tokens'),
        report.json.responses, (await owner.must(200, 'GET', '/api/v1/tenant/settings')).json,
      ]);
    };
    /** Nothing is stored by whatever `act` does. */
    const storesNothing = async (act: () => Promise<unknown>) => {
      const before = await rows();
      await act();
      assert.equal(await rows(), before, 'something was stored');
    };

    test('JSON: what is valid is read, what is not is refused', { skip: noSuite }, async (t) => {
      const files = readdirSync(suite).filter((name) => name.endsWith('.json'));
      const counts = { y: 0, n: 0, i: 0 };
      await storesNothing(async () => {
        for (const name of files) {
          const kind = name[0] as 'y' | 'n' | 'i';
          const inner = readFileSync(join(suite, name));
          // An undeclared question refuses the answers, so that what is read is not stored either.
          const body = Buffer.concat([Buffer.from('{"answers":{"extra":'), inner,
            Buffer.from('}}')]);
          checkProblem(await send(inner), name, 400, 413, 422);
          const got = await send(body);
          const problem = checkProblem(got, name, 400, 413, 422);
          const isRead = problem.code === 'unknown_field';
          if (kind === 'y') assert.ok(isRead, `${name} was refused: ${got.text}`);
          if (kind === 'n') assert.ok(!isRead, `${name} was read: ${got.text}`);
          ++counts[kind];
        }
      });
      t.diagnostic(JSON.stringify(counts));
      assert.ok(counts.y > 90 && counts.n > 180);
    });

    test('answers that do not fit are refused by name', async () => {
      const cases: [unknown, RegExp, RegExp][] = [
        [{ answers: { unknown: 1 } }, /unknown/, /./],
        [{ answers: { recommend: 'nine' } }, /recommend/, /./],
        [{ answers: { recommend: 11 } }, /recommend/, /choices/],
        [{ answers: { recommend: 9.5 } }, /recommend/, /./],
        [{ answers: { contact: 'By post' } }, /contact/, /./],
        [{ answers: { contact: ['Both'] } }, /contact/, /./],
        [{ answers: { liked: 'Speed' } }, /liked/, /./],
        [{ answers: { liked: ['Speed', 'Speed'] } }, /liked/, /./],
        [{ answers: { words: { a: 1 } } }, /words/, /./],
        [{ answers: { words: 'x'.repeat(50_001) } }, /words/, /50,?000/],
        [{ answers: [] }, /answers/, /./],
        [{ answers: 'x' }, /answers/, /./],
        [{ answers: {}, extra: 1 }, /extra/, /./],
        [{ answers: {}, version: 'one' }, /version/, /./],
        [{}, /answers/, /./],
      ];
      await storesNothing(async () => {
        for (const [body, field, rule] of cases) checkField(await send(JSON.stringify(body)), field,
          rule);
      });
    });

    test('bodies below, at and above their limit', async () => {
      const limit = 257 * kB;  // 256 kB of answers and what stands around them.
      const of = (bytes: number): string => {
        const head = '{"answers":{"words":"x"}}';
        return head + ' '.repeat(bytes - head.length);
      };
      for (const bytes of [limit - 1, limit]) {
        const got = await send(of(bytes));
        assert.ok(got.status < 500 && got.status !== 413, `${bytes}: ${got.status} ${got.text}`);
      }
      await storesNothing(async () => {
        const got = await send(of(limit + 1));
        assert.match(checkProblem(got, 'too large', 413).detail, new RegExp(`${limit}`));
        const body = { tenant: 'main', email: 'a@b.example', password: 'x'.repeat(16 * kB) };
        checkProblem(await probity.ask('POST', '/api/v1/login', { body }), 'log-in', 413);
      });
    });

    test('wrong content types are refused', async () => {
      await storesNothing(async () => {
        const body = JSON.stringify({ answers: sampleAnswers });
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml',
          ''])
          checkProblem(await send(body, type), type, 415);
      });
    });

    test('an encoding that the route does not take is refused', async () => {
      await storesNothing(async () => {
        const body = JSON.stringify({ answers: sampleAnswers });
        checkProblem(await probity.ask('POST', `/api/v1/public/${survey.token}/responses`, {
          body, headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        }), 'encoding', 400, 415);
      });
    });

    test('text that is no UTF-8 is refused', async () => {
      await storesNothing(async () => {
        for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
          [0xc0, 0xaf]]) {
          const body = Buffer.concat([
            Buffer.from('{"answers":{"words":"'), Buffer.from(bytes), Buffer.from('"}}'),
          ]);
          checkProblem(await send(body), String(bytes), 400, 422);
        }
        checkProblem(await send('{"answers":{"words":"\\ud800"}}'), 'half a pair', 400, 422);
      });
    });

    test('deep nesting is refused, not followed', async () => {
      await storesNothing(async () => {
        for (const depth of [9, 100, 100_000]) {
          const nested = '['.repeat(depth) + ']'.repeat(depth);
          checkProblem(await send(`{"answers":{"words":${nested}}}`), `${depth}`, 400, 413, 422);
        }
        let panel: any = text('deep');
        for (let i = 0; i < 20; ++i) panel = { type: 'panel', name: `p${i}`, elements: [panel] };
        checkField(await create(page(panel)), /p\d+|elements/, /16/);
      });
    });

    test('questionnaires one above each limit are refused, at the limit taken', async () => {
      const choices = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);
      const radio = (count: number) => ({ type: 'radiogroup', name: 'r', choices: choices(count) });
      const pages = (count: number) => ({
        title: 'T',
        pages: Array.from({ length: count }, (_, i) => ({ name: `p${i}`,
          elements: [text(`q${i}`)] })),
      });
      for (const fits of [page(...many(500)), page(radio(200)), pages(100),
        page(text('n'.repeat(128)))])
        assert.equal((await create(fits)).status, 201);
      await storesNothing(async () => {
        checkField(await create(page(...many(501))), /./, /500/);
        checkField(await create(page(radio(201))), /choices/, /200/);
        checkField(await create(pages(101)), /pages/, /100/);
        checkField(await create(page(text('n'.repeat(129)))), /name/, /128/);
        checkField(await create(page(text('q'), text('q'))), /name|q/, /./);
        checkField(await create(page({ type: 'hologram', name: 'h' })), /type/, /./);
        checkField(await create({ title: 'T', pages: 'x' }), /pages/, /./);
        checkProblem(await create([]), 'a list', 400, 422);
        checkProblem(await create(page(text('q', { title: 'x'.repeat(1025 * kB) }))), '1 MiB', 413);
      });
    });

    test('conditions that loop, lie or cost too much are refused or end', async () => {
      await storesNothing(async () => {
        const bad = [
          '{a} =', '(((', '{missing} = 1', `${'('.repeat(40)}1${')'.repeat(40)}`,
          Array.from({ length: 600 }, () => '1').join(' + '), 'x'.repeat(5000),
        ];
        for (const visibleIf of bad)
          checkProblem(await create(page(text('a'), text('b', { visibleIf }))), visibleIf, 400,
            422);
      });
      const loop = page(
        text('a', { visibleIf: '{b} notempty' }), text('b', { visibleIf: '{a} notempty' }));
      const made = await create(loop);
      if (made.status !== 201) return void checkProblem(made, 'a loop', 400, 422);
      const { token } = (await owner.must(200, 'POST',
        `/api/v1/surveys/${made.json.id}/publish`)).json;
      const got = await probity.ask('POST', `/api/v1/public/${token}/responses`, {
        body: { answers: { a: '1', b: '1' } },
      });
      assert.ok(got.status < 500, got.text);
    });

    test('members, tokens and settings refuse what they do not know', async () => {
      const post = (path: string, body: unknown) => owner.ask('POST', path, { body });
      await storesNothing(async () => {
        checkField(await post('/api/v1/users', { email: 'no address' }), /email/, /./);
        checkField(await post('/api/v1/users', { email: `${'x'.repeat(250)}@b.example` }), /email/,
          /\d/);
        checkField(await post('/api/v1/users', { email: 'a@b.example', role: 'king' }), /role/,
          /./);
        checkField(await post('/api/v1/users', { email: 'a@b.example', rolle: 'owner' }), /rolle/,
          /./);
        checkField(await post('/api/v1/users', { email: 7 }), /email/, /./);
        checkField(await post('/api/v1/tokens', { name: 'x', scopes: ['fly'] }), /scopes/, /./);
        checkField(await post('/api/v1/tokens', { name: 'x'.repeat(201),
          scopes: ['surveys.read'] }), /name/, /200/);
        checkField(await post('/api/v1/tokens', { name: 'x', scopes: [] }), /scopes/, /./);
        for (const session_idle_s of [299, 14_401, -1, 1.5, '900']) {
          const got = await owner.ask('PATCH', '/api/v1/tenant/settings',
            { body: { session_idle_s } });
          checkField(got, /session_idle_s/, /./);
        }
        const unknown = await owner.ask('PATCH', '/api/v1/tenant/settings',
          { body: { colour: 1 } });
        checkField(unknown, /colour/, /./);
        for (const mode of ['', 'secret', 'ANONYMOUS']) {
          const got = await owner.ask('POST', `/api/v1/surveys?mode=${mode}`,
            { body: sampleQuestionnaire });
          checkField(got, /mode/, /./);
        }
      });
    });

    test('lists refuse limits and marks out of bounds', async () => {
      for (const limit of ['0', '-1', '1001', 'x', '1e3', '99999999999999999999'])
        checkField(await owner.ask('GET', `/api/v1/surveys?limit=${limit}`), /limit/,
          /1,?000|1 to/);
      for (const limit of ['1', '1000']) await owner.must(200, 'GET',
        `/api/v1/surveys?limit=${limit}`);
      checkProblem(await owner.ask('GET', '/api/v1/surveys?after=nonsense'), 'after', 400, 422);
    });

    test('idempotency keys are bounded', async () => {
      await storesNothing(async () => {
        for (const key of ['k'.repeat(129), 'a b', 'caf\u00e9']) {
          const got = await probity.ask('POST', `/api/v1/public/${survey.token}/responses`, {
            body: { answers: {} }, headers: { 'idempotency-key': key },
          });
          checkProblem(got, key, 400, 422);
        }
      });
    });

    test('HTTP that can be read in two ways ends the connection', async () => {
      const host = `host: 127.0.0.1:${probity.port}\r\n`;
      const login = `POST /api/v1/login HTTP/1.1\r\n${host}`;
      const cases = [
        `GET /healthz HTTP/1.1\n${host}\n\n`,
        `GET /healthz HTTP/1.0\r\n${host}\r\n`,
        `GET /healthz HTTP/2.0\r\n${host}\r\n`,
        'GET /healthz HTTP/1.1\r\n\r\n',
        `GET /healthz HTTP/1.1\r\n${host}${host}\r\n`,
        `GET /healthz HTTP/1.1\r\n${host} folded: x\r\n\r\n`,
        `GET /healthz HTTP/1.1\r\n${host}name : x\r\n\r\n`,
        `GET /healthz HTTP/1.1\r\n${host}x: a\u0000b\r\n\r\n`,
        `${login}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
        `${login}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`,
        `${login}content-length: -1\r\n\r\n`,
        `${login}transfer-encoding: gzip, chunked\r\n\r\n`,
        `${login}transfer-encoding: chunked\r\n\r\nzz\r\n`,
        `FETCH /healthz HTTP/1.1\r\n${host}\r\n`,
        `GET http://elsewhere.example/healthz HTTP/1.1\r\n${host}\r\n`,
        `GET /${'x'.repeat(9 * kB)} HTTP/1.1\r\n${host}\r\n`,
        `GET /healthz HTTP/1.1\r\n${host}${'x: y\r\n'.repeat(100)}\r\n`,
        `GET /healthz HTTP/1.1\r\n${host}x: ${'y'.repeat(17 * kB)}\r\n\r\n`,
      ];
      for (const sent of cases) {
        const got = await raw(probity.port, sent);
        const what = JSON.stringify(sent.slice(0, 90));
        const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(got)?.[1]);
        assert.ok(status >= 400 && status < 500 || status === 501 || status === 505,
          `${what}: ${got}`);
        assert.match(got, /application\/problem\+json/, what);
        assert.equal(got.match(/HTTP\/1\.1 \d{3}/g)?.length, 1, what);
      }
      assert.equal((await probity.ask('GET', '/healthz')).status, 200);
    });

    test('large bodies are read as far as memory is kept for them', async () => {
      const bytes = 64 * kB * kB;
      const head = 'POST /api/v1/surveys/import HTTP/1.1\r\nhost: localhost\r\n' +
        `cookie: __Host-probity=${owner.cookie}\r\nx-csrf-token: ${owner.csrf}\r\n` +
        'content-type: text/csv\r\n' +
        `content-length: ${bytes}\r\n\r\na`;
      // Two of one tenant have room; which of the three is too much is not said.
      const open = [head, head, head].map((sent) => {
        const options = { host: '127.0.0.1', port: probity.port, rejectUnauthorized: false };
        const socket = connect(options, () => socket.write(sent, 'latin1'));
        const heard = new Promise<string>((told) => {
          socket.on('data', (piece: Buffer) => told(piece.toString('latin1')));
          socket.on('error', () => undefined);
        });
        return { socket, heard };
      });
      const refused = await Promise.race(open.map(({ heard }) => heard));
      assert.match(refused, /^HTTP\/1\.1 503 /);
      assert.match(refused, /retry-after/i);
      for (const { socket } of open) socket.destroy();
      const table = `a\r\n${'x'.repeat(70 * kB)}\r\n`;
      let status = 503;
      for (let tries = 0; status === 503 && tries < 100; ++tries) {
        status = (await owner.ask('POST', '/api/v1/surveys/import', {
          body: table, headers: { 'content-type': 'text/csv' },
        })).status;
      }
      assert.equal(status, 201);
    });

    test('after all that the server is well', async () => {
      await probity.logIn('main', owner.me.user.email, goodPassword);
      const failures = probity.log.split('\n').filter((line) => /"level":"failure"/.test(line));
      assert.deepEqual(failures, []);
      const said = probity.commandOnData('verify', '--audit');
      assert.equal(said.status, 0, said.out + said.err);
    });
  });
}

/** Sends bytes over TLS and answers everything received until the server closes. */
const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((done, failed) => {
    let got = '';
    const options = { host: '127.0.0.1', port, rejectUnauthorized: false };
    const socket = connect(options, () => socket.write(bytes, 'latin1'));
    socket.on('data', (piece: Buffer) => { got += piece.toString('latin1'); });
    socket.on('close', () => done(got)).on('error', () => done(got));
    socket.setTimeout(10_000, () => {
      socket.destroy();
      failed(new Error(`the connection stayed open: ${JSON.stringify(bytes.slice(0, 90))} ${got}`));
    });
  });
