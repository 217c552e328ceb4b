// The commands as an operator meets them: exit codes, refusals and what they say.
// Apart from: form, report, picture.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { binary, engines, goodPassword, Probity } from '../support/probity.ts';

for (const engine of engines) {
  describe(`commands on ${engine}`, () => {
    let probity: Probity;

    before(async () => {
      probity = await Probity.start({ engine });
      probity.init('main');
      await probity.serve();
    });
    after(() => probity?.stop());

    const init = (slug: string, owner = `owner@${slug}.example`) => {
      const role = engine === 'postgres' ? ['--database',
        probity.cluster?.urlOf('probity') ?? ''] : [];
      return probity.command('init', '--data', probity.data, ...role,
        '--tenant', slug, '--name', `Organisation ${slug}`, '--owner', owner);
    };
    /** A second server on the same data, which must refuse; it never gets to serve. */
    const refusedServe = (...words: string[]) => {
      const said = spawnSync(binary, ['serve', '--data', probity.data, '--listen', '127.0.0.1:0',
        ...(probity.cluster ? ['--database', probity.cluster.urlOf('probity', 'probity_app')] : []),
        ...words], { encoding: 'utf8', timeout: 10_000 });
      assert.equal(said.signal, null, `it went on serving: ${said.stdout} ${said.stderr}`);
      return { status: said.status, err: said.stderr + said.stdout };
    };

    test('the version is told', () => {
      const said = probity.command('--version');
      assert.equal(said.status, 0);
      assert.match(said.out, /^probity \d+\.\d+\.\d+/);
      const build = probity.command('--build-info');
      assert.equal(build.status, 0);
      assert.ok(build.out.length > 20);
    });

    test('what it does not know is a usage error', () => {
      for (const words of [['fly'], ['serve', '--wings'], ['init'], [],
        ['doctor'], ['rotate-keys', '--keep-old']]) {
        const said = probity.command(...words);
        assert.ok(said.status !== 0 && said.status !== 3 && said.status !== 4, `${words}`);
        assert.ok((said.err + said.out).length > 10);
      }
    });

    test('a new master key is asked about at a terminal, and nothing is done without a yes', () => {
      const before = readFileSync(probity.keyFile);
      const rotate = (answer: string) =>
        probity.commandAtTerminal(`${answer}\n`, 'rotate-keys', '--master');
      const refused = rotate('no');
      assert.equal(refused.status, 1, refused.out);
      assert.match(refused.out, /Type yes to go on/);
      assert.deepEqual(readFileSync(probity.keyFile), before);
      const done = rotate('yes');
      assert.equal(done.status, 0, done.out);
      assert.notDeepEqual(readFileSync(probity.keyFile), before);
    });

    test('init prints one line with the set-up link; the same name again is refused with 3', () => {
      const made = init('twice');
      assert.equal(made.status, 0, made.err);
      assert.equal(made.out.split('\n').filter((line) => line.includes('/setup/')).length, 1);
      const again = init('twice');
      assert.equal(again.status, 3, again.err);
      assert.match(again.err, /tenant: .*taken/);
      assert.doesNotMatch(again.out, /\/setup\//);
    });

    test('no tenant takes a name whose tenants are destroyed after a day', () => {
      const made = init('probity-scratch-a-1');
      assert.equal(made.status, 1, made.out);
      assert.match(made.err, /tenant: .*choose another name/);
      assert.doesNotMatch(made.out, /\/setup\//);
    });

    test('a tenant made beside the running server is there within two seconds', async () => {
      const made = init('beside');
      assert.equal(made.status, 0, made.err);
      const token = /\/setup\/(\S+)/.exec(made.out)?.[1] ?? '';
      const redeem = async () => (await probity.ask('POST', '/api/v1/setup', {
        body: { token, password: goodPassword },
      })).status === 204;
      await probity.until('the new tenant is visible', redeem, 2000);
      await probity.logIn('beside', 'owner@beside.example', goodPassword);
    });

    test('who is shut out comes in by reset-link, beside the running server', async () => {
      const made = init('shut');
      assert.equal(made.status, 0, made.err);
      const redeem = (out: string, password: string) => probity.ask('POST', '/api/v1/setup', {
        body: { token: /\/setup\/(\S+)/.exec(out)?.[1] ?? '', password },
      });
      await probity.until('the new tenant is visible',
        async () => (await redeem(made.out, goodPassword)).status === 204, 2000);
      const email = 'owner@shut.example';
      const logIn = (password: string) => probity.ask('POST', '/api/v1/login', {
        body: { tenant: 'shut', email, password },
      });
      for (let i = 0; i < 5; i += 1) {
        assert.equal((await logIn(`wrong-${i}-of-many-words`)).status, 401);
      }
      assert.equal((await logIn(goodPassword)).status, 429);
      const database = probity.cluster
        ? ['--database', probity.cluster.urlOf('probity', 'probity_app')] : [];
      const reset = (tenant: string, owner: string) => probity.command('reset-link', '--data',
        probity.data, ...database, '--tenant', tenant, '--owner', owner);
      const link = reset('shut', email);
      assert.equal(link.status, 0, link.err);
      assert.match(link.out, /^https:\/\/\S+\/setup\/\S+\n$/);
      assert.match(link.err, /works once/);
      assert.equal((await logIn(goodPassword)).status, 200, 'the throttle has ended');
      const other = `${goodPassword}-and-more`;
      assert.equal((await redeem(link.out, other)).status, 204);
      assert.equal((await redeem(link.out, other)).status, 410, 'it works once');
      assert.equal((await logIn(other)).status, 200);
      for (const [tenant, owner] of [['nobody', email], ['shut', 'nobody@shut.example']] as const) {
        const refused = reset(tenant, owner);
        assert.equal(refused.status, 1, refused.err);
        assert.doesNotMatch(refused.out, /\/setup\//);
      }
    });

    test('a second server is refused with 4 and told who holds the data', () => {
      const said = refusedServe('--test-mode');
      assert.equal(said.status, 4, said.err);
      assert.match(said.err, new RegExp(`\\b${probity.pid}\\b`));
    });

    test('data of test mode is never served without it', async () => {
      await probity.end();
      const said = refusedServe();
      assert.notEqual(said.status, 0);
      assert.match(said.err, /test.mode/i);
      await probity.serve();
    });

    test('test mode listens on loopback only', async () => {
      await probity.end();
      const words = ['serve', '--data', probity.data, '--test-mode', ...(probity.cluster
        ? ['--database', probity.cluster.urlOf('probity', 'probity_app')] : [])];
      const own = Object.values(networkInterfaces()).flat()
        .find((one) => one !== undefined && !one.internal && one.family === 'IPv4')?.address;
      for (const address of ['0.0.0.0', '[::]', ...(own === undefined ? [] : [own])]) {
        const said = spawnSync(binary, [...words, '--listen', `${address}:0`], {
          encoding: 'utf8', timeout: 10_000,
        });
        assert.ok(said.signal === null && said.status !== 0, `${address}: ${said.stdout}`);
        assert.match(said.stderr, /loopback/i);
      }
      await probity.serve();
    });

    test('a place that does not do names the remedy', () => {
      const file = join(probity.folder, 'a-file');
      writeFileSync(file, 'x');
      const served = probity.command('serve', '--data', file, '--listen', '127.0.0.1:0');
      assert.notEqual(served.status, 0);
      assert.match(served.err, /a-file is not a directory\. Name another one/);
      const below = probity.command('init', '--data', join(file, 'data'),
        '--tenant', 'main', '--name', 'Ours', '--owner', 'owner@main.example');
      assert.notEqual(below.status, 0);
      assert.match(below.err, /cannot be used as the data directory: Not a directory/);
      const backup = (to: string) => probity.commandOnData('backup', '--to', to).err;
      assert.match(backup(join(probity.folder, 'none', 'x')), /no directory .*none\. Make it/);
      assert.match(backup(probity.folder), /is a directory\. Name the new file in it/);
      assert.match(backup(file), /a-file exists; nothing was overwritten/);
    });

    test('a key file that others can read is refused, by every command', async () => {
      await probity.end();
      const key = `${probity.data}.key`;
      assert.ok(existsSync(key));
      assert.equal(statSync(key).mode & 0o777, 0o600);
      for (const mode of [0o640, 0o604, 0o660]) {
        chmodSync(key, mode);
        const said = refusedServe('--test-mode');
        assert.ok(said.status !== 0 && said.status !== 4, said.err);
        assert.match(said.err, /0?600|permission/i);
        assert.notEqual(init('wide').status, 0);
        assert.notEqual(probity.commandOnData('verify', '--audit').status, 0);
      }
      chmodSync(key, 0o600);
      await probity.serve();
    });

    test('configuration that it does not know is refused by name', async () => {
      await probity.end();
      const file = join(probity.folder, 'bad.toml');
      const cases: [string, RegExp][] = [
        ['colour = "red"\n', /colour/], ['[tls]\nwings = 2\n', /wings/],
        ['[limits]\nconnections_max = 15\n', /connections_max.*16|16.*connections_max/s],
        ['[limits]\nconnections_max = "many"\n', /connections_max/], ['listen = [\n',
          /bad\.toml|line/i],
      ];
      for (const [text, told] of cases) {
        writeFileSync(file, text);
        const said = refusedServe('--test-mode', '--config', file);
        assert.notEqual(said.status, 0, text);
        assert.match(said.err, told, text);
      }
      writeFileSync(file, '[limits]\nconnections_max = 16\n');
      await probity.serve('--config', file);
      assert.equal((await probity.ask('GET', '/healthz')).status, 200);
      await probity.end();
      await probity.serve();
    });

    test('faults can be planned in test mode only', async () => {
      const other = await Probity.start({ realClock: true });
      other.init('main');
      const said = spawnSync(binary, ['serve', '--data', other.data, '--listen', '127.0.0.1:0',
        '--test-fault', 'free_bytes=1'], { encoding: 'utf8', timeout: 10_000 });
      assert.ok(said.signal === null && said.status !== 0);
      assert.match(said.stderr, /test.mode/i);
      await other.stop();
    });

    test('init with an address that is none makes nothing, and the name stays free', () => {
      const refused = init('mistyped', 'nobody');
      assert.equal(refused.status, 1, refused.out);
      assert.match(refused.err, /name@host/);
      const made = init('mistyped');
      assert.equal(made.status, 0, made.err);
    });

    test('a port that is taken and a key file that is gone are told with a remedy', async () => {
      const other = await Probity.start({ realClock: true });
      other.init('main');
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const serve = (...words: string[]) => spawnSync(binary,
        ['serve', '--data', other.data, '--listen', `127.0.0.1:${port}`, ...words],
        { encoding: 'utf8', timeout: 10_000 });
      const refused = serve();
      assert.equal(refused.status, 1, refused.stderr);
      assert.match(refused.stderr, /Another program uses this port/);
      const keyless = serve('--key-file', join(other.data, 'gone.key'));
      assert.equal(keyless.status, 1, keyless.stderr);
      assert.match(keyless.stderr, /--key-file/);
      taken.close();
      await other.stop();
    });

    test('verify --audit says that the chains are intact', () => {
      const said = probity.commandOnData('verify', '--audit');
      assert.equal(said.status, 0, said.out + said.err);
      assert.match(said.out, /main: \d+ entries, intact/);
    });

    test('verify --audit does not pass for a tenant that is not there', () => {
      const known = probity.commandOnData('verify', '--audit', '--tenant', 'main');
      assert.equal(known.status, 0, known.out + known.err);
      assert.match(known.out, /^main: \d+ entries, intact/);
      const said = probity.commandOnData('verify', '--audit', '--tenant', 'mian');
      assert.equal(said.status, 1, said.out + said.err);
      assert.match(said.err, /no tenant mian/);
    });

    test('verify --audit names the first broken entry', {
      skip: engine === 'sqlcipher' && 'the files are sealed; PostgreSQL shows it',
    }, () => {
      const sql = (words: string) => probity.cluster?.run(words, 'probity') ?? '';
      const schema = sql("SELECT schemaname FROM pg_tables WHERE tablename = 'audit_entry';");
      const table = `${schema}.audit_entry`;
      sql(`UPDATE ${table} SET action = 'nothing.happened' WHERE seq = 2 AND tenant_id =
        (SELECT tenant_id FROM ${table} GROUP BY tenant_id ORDER BY count(*) DESC LIMIT 1);`);
      const said = probity.commandOnData('verify', '--audit');
      assert.equal(said.status, 1, said.out + said.err);
      assert.match(said.out + said.err, /\b2\b/);
      assert.doesNotMatch(said.out + said.err, /nothing\.happened is intact/);
    });

    test('SIGTERM ends it with 0', async () => {
      assert.equal(await probity.end('SIGTERM'), 0);
      await probity.serve();
    });
  });
}
