// Files that people hand in, looked into by a scanner (docs/for-operators.md; OWASP ASVS 5.4.3): a
// daemon of our own that speaks clamd's INSTREAM and answers as each test wants.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { engines, goodPassword, Probity, type Member } from '../support/probity.ts';

/** The harmless file every scanner knows, made up here so that it stands in no file of ours. */
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!', '$H+H*']
  .join('');
type Manner = (file: Buffer, socket: Socket) => void;
const honest: Manner = (file, socket) =>
  void socket.end(file.includes(eicar) ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0');

class Scanner {
  manner: Manner = honest;
  /** Where a reply comes before the file. */
  isHasty = false;
  readonly files: Buffer[] = [];
  private constructor(private readonly server: Server) {}

  static async at(where: string | number): Promise<Scanner> {
    const server = createServer();
    const made = new Scanner(server);
    server.on('connection', (socket) => made.talk(socket));
    await new Promise<void>((done) => {
      if (typeof where === 'string') server.listen(where, done);
      else server.listen(where, '127.0.0.1', done);
    });
    return made;
  }
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }
  private talk(socket: Socket): void {
    let got = Buffer.alloc(0);
    socket.on('error', () => undefined);
    if (this.isHasty) this.manner(got, socket);
    socket.on('data', (piece) => {
      got = Buffer.concat([got, piece as Buffer]);
      const file = this.fileIn(got);
      if (file === undefined) return;
      this.files.push(file);
      this.manner(file, socket);
    });
  }
  /** The pieces behind the command, once the empty one has come. */
  private fileIn(stream: Buffer): Buffer | undefined {
    const command = 'zINSTREAM\0';
    if (stream.length < command.length) return undefined;
    assert.equal(stream.subarray(0, command.length).toString('latin1'), command);
    const pieces: Buffer[] = [];
    for (let at = command.length; at + 4 <= stream.length;) {
      const size = stream.readUInt32BE(at);
      if (size === 0) return Buffer.concat(pieces);
      pieces.push(stream.subarray(at + 4, at + 4 + size));
      at += 4 + size;
    }
    return undefined;
  }
  stop(): Promise<void> {
    return new Promise((done) => { this.server.close(() => done()); });
  }
}

const table = 'Floor,Why\nGround,near\nTop,quiet\n';

for (const engine of engines)
  describe(`A scanner for viruses on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;
    let scanner: Scanner;
    let survey: { id: string; token: string };
    const send = (body: string | Buffer, dry = false) => owner.ask(
      'POST', `/api/v1/surveys/import${dry ? '?dry_run=true' : ''}`,
      { body: Buffer.from(body), headers: { 'content-type': 'text/csv' } });
    const surveys = async (): Promise<number> => (await owner.every('/api/v1/surveys')).length;

    before(async () => {
      probity = await Probity.start({ engine });
      const socket = join(probity.folder, 'clamd.sock');
      scanner = await Scanner.at(socket);
      const config = join(probity.folder, 'probity.toml');
      writeFileSync(config, `limits.request_workers = 4\nuploads.scanner = "unix:${socket}"\n`);
      const tenant = probity.init('main');
      await probity.serve('--config', config);
      owner = await probity.setUp(tenant, goodPassword);
      survey = await owner.survey({ elements: [{ type: 'text', name: 'a' }] });
    });
    after(() => Promise.all([probity?.stop(), scanner?.stop()]));

    test('is shown every byte of a table and of a logo, and what is clean is taken', async () => {
      const large = `${table}${'Ground,"'.padEnd(9000, 'x')}"\n`.repeat(30);
      assert.equal((await send(large, true)).status, 200);
      assert.deepEqual(scanner.files.at(-1), Buffer.from(large));
      assert.equal((await send(table)).status, 201);
      const logo = Buffer.from('no picture at all');
      const put = await owner.ask('PUT', `/api/v1/surveys/${survey.id}/logo`, {
        body: logo, headers: { 'content-type': 'image/png' },
      });
      assert.equal(put.status, 415);
      assert.deepEqual(scanner.files.at(-1), logo);
    });

    test('finds something: nothing of the file is stored, and what it was is told', async () => {
      const stored = await surveys();
      const before = probity.log.length;
      const { items } = (await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=1')).json;
      for (const dry of [true, false]) {
        const got = await send(`${table}Cellar,${eicar}\n`, dry);
        assert.equal(got.status, 400, got.text);
        assert.equal(got.json.errors?.[0]?.field ?? got.json.fields?.[0]?.field, 'file', got.text);
        assert.match(got.text, /Eicar-Test-Signature/);
      }
      assert.equal(await surveys(), stored);
      assert.match(probity.log.slice(before), /"upload_refused"/);
      assert.ok(!probity.log.includes('STANDARD-ANTIVIRUS'));
      const logo = await owner.ask('PUT', `/api/v1/surveys/${survey.id}/logo`, {
        body: Buffer.from(eicar), headers: { 'content-type': 'image/png' },
      });
      assert.equal(logo.status, 400, logo.text);
      // Whoever looks after the organisation sees who sent it, and where to.
      const log = await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=20');
      const since = log.json.items.findIndex(({ id }: { id: string }) => id === items[0]?.id);
      const finds = log.json.items.slice(0, since < 0 ? undefined : since)
        .filter(({ action }: { action: string }) => action === 'upload.refuse');
      assert.deepEqual(finds.map(({ actor, object, outcome }: Record<string, string>) =>
        [actor, object || '', outcome]), [survey.id, '', ''].map((object) =>
        [owner.me.user.id, object, 'refused:malware']));
    });

    test('says anything else, or nothing: no file is taken', async () => {
      const stored = await surveys();
      const manners: readonly [why: string, manner: Manner, isHasty?: boolean][] = [
        ['it has an error', (_file, socket) => void socket.end('stream: size ERROR\0')],
        ['its words are cut off', (_file, socket) => void socket.end('stream: OK')],
        ['it speaks of something else', (_file, socket) => void socket.end('PONG\0')],
        ['it hangs up', (_file, socket) => void socket.end()],
        ['it breaks off', (_file, socket) => void socket.destroy()],
        ['it names nothing', (_file, socket) => void socket.end('stream:  FOUND\0')],
        ['it never ends', (_file, socket) => void socket.end('x'.repeat(20_000))],
        ['it has enough early', (_file, socket) =>
          void socket.end('INSTREAM size limit exceeded. ERROR\0'), true],
      ];
      for (const [why, manner, isHasty = false] of manners) {
        Object.assign(scanner, { manner, isHasty });
        const got = await send(table);
        assert.equal(got.status, 503, `${why}: ${got.text}`);
        assert.ok(Number(got.headers['retry-after']) > 0, why);
        assert.match(got.text, /scanner for viruses/, why);
      }
      Object.assign(scanner, { manner: honest, isHasty: false });
      assert.equal(await surveys(), stored);
      assert.equal((await send(table)).status, 201);
    });

    test('hangs: logos wait for it, respondents do not', async () => {
      const held: Socket[] = [];
      const put = () => owner.ask('PUT', `/api/v1/surveys/${survey.id}/logo`, {
        body: Buffer.from('no picture at all'), headers: { 'content-type': 'image/png' },
      });
      let isHeld: () => void = () => undefined;
      const waits = new Promise<void>((done) => { isHeld = done; });
      scanner.manner = (_file, socket) => { held.push(socket); isHeld(); };
      // More than the threads that run handlers.
      const logos = Array.from({ length: 8 }, put);
      await waits;
      const path = `/api/v1/public/${survey.token}/responses`;
      const first = await Promise.race([
        probity.ask('POST', path, { body: { answers: { a: 'x' } } }).then(({ status }) => status),
        Promise.race(logos).then(() => 'a logo'),
      ]);
      scanner.manner = (_file, socket) => void socket.end();
      for (const socket of held) socket.end();
      for (const { status } of await Promise.all(logos)) assert.equal(status, 503);
      scanner.manner = honest;
      assert.equal(first, 201);
    });

    test('is not there: no file is taken, everything else goes on', async () => {
      await scanner.stop();
      assert.equal((await send(table)).status, 503);
      const path = `/api/v1/public/${survey.token}/responses`;
      const sent = await probity.ask('POST', path, { body: { answers: { a: 'x' } } });
      assert.equal(sent.status, 201);
    });
  });

describe('A scanner in the configuration', () => {
  test('is a local socket or a numeric address, and found by either', async () => {
    const scanner = await Scanner.at(0);
    const probity = await Probity.start();
    const config = join(probity.folder, 'probity.toml');
    const say = (where: string) => writeFileSync(config, `[uploads]\nscanner = "${where}"\n`);
    const tenant = probity.init('main');
    for (const where of ['unix:clamd', `unix:/${'x'.repeat(107)}`, 'localhost:3310', '127.0.0.1',
      '127.0.0.1:0', '3310']) {
      say(where);
      const said = probity.commandOnData('serve', '--test-mode', '--config', config);
      assert.notEqual(said.status, 0, where);
      assert.match(said.err, /uploads\.scanner/, where);
    }
    say(`127.0.0.1:${scanner.port}`);
    await probity.serve('--config', config);
    const owner = await probity.setUp(tenant, goodPassword);
    const got = await owner.ask('POST', '/api/v1/surveys/import', {
      body: Buffer.from(table), headers: { 'content-type': 'text/csv' },
    });
    assert.equal(got.status, 201, got.text);
    assert.deepEqual(scanner.files, [Buffer.from(table)]);
    await Promise.all([probity.stop(), scanner.stop()]);
  });
});
