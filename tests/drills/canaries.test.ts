// Nothing in clear: words sent in every place a person can type into are searched for in every
// byte of the data, the log, the database and the wire, while running and after a kill.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';

import { Random } from '../support/deep.ts';
import { type Ask, engines, type Member, Probity } from '../support/probity.ts';
import { formsOf, openFilesOf, Search } from '../support/search.ts';

const random = new Random();
/** Begins every canary, so that one search finds them all. */
const family = random.word(11);

let serial = 0;
const canary = (): string => `${family}${random.word(5)}${String(++serial).padStart(2, '0')}`;
/** Responses from which on a sealed block is made of them (k_block_responses_min). */
const blockRows = 4200;
const fresh = (): number => random.between(1, 255);
const address4 = (): string => `198.51.${fresh()}.${fresh()}`;
const address6 = (): string => {
  const group = () => random.between(0x1000, 0xffff).toString(16);
  return `2001:db8:${group()}:${group()}:${group()}:${group()}:${group()}:${group()}`;
};

/** Keeps every byte that passes between client and server. */
class Tap {
  private constructor(
    private readonly server: Server,
    private readonly pieces: readonly Buffer[],
  ) {}

  static async open(target: number): Promise<Tap> {
    const pieces: Buffer[] = [];
    const server = createServer((client) => {
      const upstream = connect(target, '127.0.0.1');
      const end = () => { client.destroy(); upstream.destroy(); };
      client.on('data', (piece: Buffer) => { pieces.push(piece); upstream.write(piece); });
      upstream.on('data', (piece: Buffer) => { pieces.push(piece); client.write(piece); });
      for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new Tap(server, pieces);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }

  close(): void {
    this.server.close();
  }
}

/** Everything a person can send, each with a canary of its own. */
class Story {
  /** Secrets the server made, and full addresses: searched for one by one. */
  readonly secrets: string[] = [];
  /** Full addresses of respondents. */
  readonly addresses: string[] = [];
  private large = '';
  private readonly password = `violet harbour ${canary()}`;
  private readonly owner = `${canary()}@${canary()}.example`;

  constructor(readonly probity: Probity) {}

  /** Headers of a client behind the trusted proxy. */
  private client(): Record<string, string> {
    const address = this.addresses.length % 2 === 0 ? address4() : address6();
    this.addresses.push(address);
    return { 'user-agent': canary(), 'x-forwarded-for': address, referer: `https://${canary()}/` };
  }

  private ask(method: string, path: string, ask: Ask = {}) {
    return this.probity.ask(method, path, { ...ask, headers: { ...this.client(),
      ...ask.headers } });
  }

  private async logIn(email: string, password: string): Promise<Member> {
    const member = await this.probity.logIn('main', email, password);
    this.secrets.push(member.cookie, member.csrf);
    return member;
  }

  async begin(): Promise<Member> {
    const tenant = this.probity.init('main', this.owner, `Organisation ${canary()}`);
    await this.probity.serve();
    this.secrets.push(tenant.setupToken);
    return this.probity.setUp(tenant, this.password);
  }

  async tell(member: Member): Promise<void> {
    await this.people(member);
    await this.surveys(member);
    await this.mistakes(member);
    await this.bookkeeping(member);
  }

  private async people(owner: Member): Promise<void> {
    const email = `${canary()}@${canary()}.example`;
    const invited = await owner.must(201, 'POST', '/api/v1/users', { email, role: 'analyst' });
    const token = String(invited.json.invite_path).replace(/^.*\/setup\//, '');
    this.secrets.push(token);
    const password = `copper meadow ${canary()}`;
    const set = await this.ask('POST', '/api/v1/setup', { body: { token, password } });
    assert.equal(set.status, 204, set.text);
    const analyst = await this.logIn(email, password);
    const changed = { current: password, new: `silver orchard ${canary()}` };
    await analyst.must(204, 'POST', '/api/v1/me/password', changed);
    for (const slug of ['main', canary().slice(0, 20)]) {
      const body = { tenant: slug, email: `${canary()}@x.example`, password: canary() };
      assert.equal((await this.ask('POST', '/api/v1/login', { body })).status, 401);
    }
  }

  private questionnaire() {
    return {
      title: `Title ${canary()}`,
      description: `Description ${canary()}`,
      pages: [{
        name: canary(),
        title: `Page ${canary()}`,
        elements: [
          { type: 'html', name: canary(), html: `<p>Html ${canary()}</p>` },
          { type: 'comment', name: 'words', title: `Question ${canary()}` },
          { type: 'text', name: 'line', title: 'A line', description: `Hint ${canary()}` },
          { type: 'radiogroup', name: 'one', title: 'One', showOtherItem: true,
            choices: [`Choice ${canary()}`, { value: canary(), text: `Text ${canary()}` }] },
        ],
      }],
    };
  }

  private async surveys(owner: Member): Promise<void> {
    for (const mode of ['anonymous', 'confidential', 'identified']) {
      const { id, token } = await owner.survey(this.questionnaire(), mode);
      this.secrets.push(token);
      const path = `/api/v1/public/${token}/responses?source=${canary()}`;
      for (let i = 0; i < 2; ++i) {
        const answers = { words: `Words ${canary()}`, line: canary() };
        const got = await this.ask('POST', path, {
          body: { answers }, headers: { 'idempotency-key': canary() },
        });
        assert.ok([201, 400].includes(got.status), got.text);
        const again = await this.ask('POST', path.replace(/\?.*/, ''), {
          body: { answers }, headers: { 'idempotency-key': canary() },
        });
        assert.equal(again.status, 201, again.text);
        this.secrets.push(again.json.receipt);
      }
      const fields = { page: '0', words: `Typed ${canary()}`, line: canary() };
      await this.ask('POST', `/s/${token}`, {
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      await this.ask('GET', `/s/${token}?utm_source=${canary()}`);
      const listed = await owner.must(200, 'GET', `/api/v1/surveys/${id}/responses`);
      assert.match(listed.text, new RegExp(family));
      const filter = encodeURIComponent(`{words} = '${canary()}'`);
      await owner.ask('GET', `/api/v1/surveys/${id}/report?filter=${filter}`);
      await owner.must(200, 'GET', `/api/v1/surveys/${id}/export.csv`);
      await owner.ask('DELETE', `/api/v1/surveys/${id}/responses/${listed.json.items[0].id}`);
    }
    const cells = Array.from({ length: 50 }, canary);
    const rows = Array.from({ length: blockRows }, (_, i) =>
      `Cell ${cells[i % 50]},Row ${i} ${cells[i % 7]},${i % 3}`);
    const csv = `Heading ${canary()},Other ${canary()},Number\n${rows.join('\n')}\n`;
    const imported = await owner.ask('POST', `/api/v1/surveys/import?title=${canary()}`, {
      body: csv, headers: { 'content-type': 'text/csv' },
    });
    assert.equal(imported.status, 201, imported.text);
    assert.equal(imported.json.imported, blockRows);
    this.large = imported.json.survey.id;
  }

  /** What is imported lies in a block once its hour is over; a report is then counted from it. */
  async makeBlocks(): Promise<void> {
    await this.probity.advance(2 * 3600);
    const owner = await this.logIn(this.owner, this.password);
    const report = await owner.must(200, 'GET', `/api/v1/surveys/${this.large}/report`);
    assert.equal(report.json.responses, blockRows);
    const words = encodeURIComponent(`Report ${canary()}`);
    const shared = await owner.must(201, 'POST', `/api/v1/surveys/${this.large}/report/links`, {
      expires_in_hours: 1, name: `Link ${canary()}`,
    });
    this.secrets.push(shared.json.token);
    const shown = await this.ask('GET', `${shared.json.path}?name=${words}`);
    assert.equal(shown.status, 200, shown.text);
    assert.match(shown.text, new RegExp(family));
  }

  /** What is refused is not kept either. */
  private async mistakes(owner: Member): Promise<void> {
    const { token } = await owner.survey(this.questionnaire());
    const path = `/api/v1/public/${token}/responses`;
    const refused = await this.ask('POST', path, { body: { answers: { [canary()]: canary() } } });
    assert.ok([400, 422].includes(refused.status), refused.text);
    await this.ask('POST', path, {
      body: `{"answers": "${canary()}`, headers: { 'content-type': 'application/json' },
    });
    await this.ask('GET', `/${canary()}/${canary()}`);
    await this.ask('POST', '/api/v1/surveys', {
      cookie: owner.cookie, csrf: canary(), body: { title: canary() },
    });
    await this.ask('GET', '/api/v1/me', { cookie: canary() });
    await this.ask('GET', '/api/v1/me', { bearer: `prb_${canary()}` });
    await this.malformed(`GET /${canary()} HTTP/1.1\r\n ${canary()}: x\r\n\r\n`);
    await this.malformed(`${canary().toUpperCase()} / HTTP/1.1\r\nhost: ${canary()}\r\n\r\n`);
  }

  private malformed(text: string): Promise<void> {
    return new Promise((done) => {
      const { port } = this.probity;
      const options = { host: '127.0.0.1', port, rejectUnauthorized: false };
      const socket = connectTls(options, () => socket.write(text));
      socket.on('data', () => undefined).on('error', () => done()).on('close', () => done());
      socket.setTimeout(5000, () => socket.destroy());
    });
  }

  private async bookkeeping(owner: Member): Promise<void> {
    const made = await owner.must(201, 'POST', '/api/v1/tokens', {
      name: `Token ${canary()}`, scopes: ['surveys.read'],
    });
    this.secrets.push(made.json.token);
    await this.ask('GET', '/api/v1/surveys', { bearer: made.json.token });
    await owner.must(204, 'PATCH', '/api/v1/tenant/settings', {
      privacy_contact: `Contact ${canary()}`, organisation_name: `Renamed ${canary()}`,
    });
    const evidence = {
      kind: 'ddos_protection', issuer: `Issuer ${canary()}`, owner: `Owner ${canary()}`,
      issued: '2026-01-01', expires: '2036-01-01',
      file: Buffer.from(`File ${canary()}`).toString('base64url'),
    };
    const filed = await owner.ask('POST', '/api/v1/evidence', { body: evidence });
    assert.equal(filed.status, 201, filed.text);
    await owner.must(200, 'GET', '/api/v1/audit?limit=1000');
    const guest = await this.logIn(this.owner, this.password);
    await guest.must(204, 'POST', '/api/v1/logout');
  }
}

for (const engine of engines) {
  describe(`canaries on ${engine}`, () => {
    let probity: Probity;
    let story: Story;
    let tap: Tap;

    before(async () => {
      probity = await Probity.start({ engine, serve: ['--trusted-proxy', '127.0.0.1/32'] });
      story = new Story(probity);
      const owner = await story.begin();
      const { port } = probity;
      tap = await Tap.open(port);
      probity.port = tap.port;
      await story.tell(owner);
      await story.makeBlocks();
      probity.port = port;
    });
    after(async () => {
      tap?.close();
      await probity?.stop();
    });

    /** The socket folder of the cluster holds its data and its log. */
    const databaseFolder = (): string | undefined =>
      probity.cluster && /host=([^&]+)/.exec(probity.cluster.url)?.[1];

    const needles = (): string[] => [family, ...story.secrets, ...story.addresses];

    const searchAll = (words: readonly string[], pid?: number) => {
      const search = new Search(words);
      const database = databaseFolder();
      const found = [
        ...search.inFolder(probity.folder),
        ...(database === undefined ? [] : search.inFolder(database)),
        ...(pid === undefined ? [] : openFilesOf(pid).flatMap((path) => search.inFile(path))),
      ];
      return { found, search };
    };

    test('fifty canaries were sent', () => {
      assert.ok(serial >= 50, `${serial}`);
      assert.ok(story.secrets.length > 10 && story.addresses.length > 20);
      assert.ok(story.secrets.every((secret) => secret.length >= 16));
    });

    test('answers lie in a sealed block as well', () => {
      assert.match(probity.log, /"event":"survey_blocks_made".*"blocks":1\b/);
      if (probity.cluster === undefined) return;
      const [count, responses, bytes] = probity.cluster.run(
        `SELECT count(*), sum(responses), sum(length(content)) FROM probity.survey_block;`,
        'probity').split('|').map(Number);
      assert.deepEqual([count, responses], [1, blockRows]);
      // The cells alone come to more than their numbers do.
      assert.ok(bytes !== undefined && bytes > 50 * family.length, `${bytes}`);
    });

    test('the search finds what is there, in every form', () => {
      const control = random.word(16);
      const folder = join(probity.folder, 'control');
      for (const form of formsOf(control)) {
        mkdirSync(folder);
        writeFileSync(join(folder, 'file'), Buffer.concat([Buffer.alloc(9001, 65), form]));
        const search = new Search([control]);
        assert.ok(search.inFolder(folder).length > 0, form.toString('latin1'));
        rmSync(folder, { recursive: true });
      }
      probity.cluster?.run(
        `CREATE TABLE control (word text); INSERT INTO control VALUES ('${control}');`, 'probity');
      if (probity.cluster === undefined) return;
      // In the log alone the word may lie across two pages.
      probity.cluster.run('CHECKPOINT', 'probity');
      assert.ok(searchAll([control]).found.length > 0, 'a clear row of the database is not found');
    });

    test('no canary is stored or logged while the server runs', (t) => {
      probity.cluster?.run('CHECKPOINT');
      const { found, search } = searchAll(needles(), probity.pid);
      t.diagnostic(`${serial} canaries, ${search.files} files, ${search.bytes} bytes`);
      assert.deepEqual(found, []);
      assert.ok(search.bytes > 100_000);
    });

    test('nor is the log silent', () => {
      assert.ok(probity.log.split('\n').length > 2, probity.log);
    });

    test('no canary is on the wire', () => {
      const { bytes } = tap;
      assert.ok(bytes.length > 100_000, `${bytes.length}`);
      // TLS hides the words, not the record headers: what was taped is the real traffic.
      assert.ok(bytes.includes(Buffer.from([0x17, 0x03, 0x03])));
      assert.deepEqual(new Search(needles()).inBytes(bytes, 'wire'), []);
    });

    test('no canary is left after a kill', async () => {
      await probity.end('SIGKILL');
      await probity.cluster?.crashAndRestart();
      probity.cluster?.run('CHECKPOINT');
      assert.deepEqual(searchAll(needles()).found, []);
    });
  });
}
