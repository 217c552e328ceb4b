// The real binary under test: real TLS, a free port, its own data directory, either engine.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { isAvailable, startCluster, type Cluster } from './postgres.ts';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const binary = process.env['PROBITY_BINARY'] ?? join(root, 'build', 'probity');
export const sharedFolder = process.env['PROBITY_SHARED'] ?? join(root, '..', 'shared');

const startLimitMs = 30_000;

export type Engine = 'sqlcipher' | 'postgres';
/** Both engines, or SQLCipher alone where PostgreSQL is not installed. */
export const engines: readonly Engine[] = isAvailable() ? ['sqlcipher', 'postgres'] : ['sqlcipher'];

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  readonly json: any;
}

export interface Ask {
  headers?: Record<string, string>;
  /** A string is sent as it is; anything else as JSON. */
  body?: unknown;
  cookie?: string;
  csrf?: string;
  bearer?: string;
}

export interface Tenant {
  readonly slug: string;
  readonly owner: string;
  readonly setupToken: string;
}

export interface StartOptions {
  engine?: Engine;
  /** More words for `serve`. */
  serve?: readonly string[];
  /** Leave the test clock out: a server as people run it. */
  realClock?: boolean;
  /** Variables of the server's environment besides those of the tests. */
  env?: Readonly<Record<string, string>>;
}

/** Fails with everything a reader needs when a condition does not hold. */
const must = (holds: boolean, why: string): void => {
  if (!holds) throw new Error(why);
};

export class Probity {
  port = 0;
  private server: ChildProcess | undefined;
  private isSignalled = false;
  private readonly agent = new Agent({
    keepAlive: true, maxSockets: 128, rejectUnauthorized: false,
  });

  private constructor(
    readonly folder: string,
    readonly engine: Engine,
    readonly cluster: Cluster | undefined,
    private readonly options: StartOptions,
  ) {}

  get data(): string {
    return join(this.folder, 'data');
  }
  get logFile(): string {
    return join(this.folder, 'serve.log');
  }
  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }
  get pid(): number {
    must(this.server?.pid !== undefined, 'the server does not run');
    return this.server?.pid ?? 0;
  }
  get origin(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** A data directory with one tenant (`main`) and a server on it. */
  static async start(options: StartOptions = {}): Promise<Probity> {
    must(existsSync(binary), `${binary} is missing: build first`);
    const engine = options.engine ?? 'sqlcipher';
    const cluster = engine === 'postgres' ? await startCluster() : undefined;
    const folder = mkdtempSync(join(tmpdir(), 'probity-test-'));
    const made = new Probity(folder, engine, cluster, options);
    cluster?.run('CREATE DATABASE probity');
    return made;
  }

  get keyFile(): string {
    return `${this.data}.key`;
  }

  private databaseWords(role: string): string[] {
    return this.cluster ? ['--database', this.cluster.urlOf('probity', role)] : [];
  }

  /** Runs a command of the binary on this data; answers its exit code and words. */
  command(...words: string[]): { status: number; out: string; err: string } {
    const ran = spawnSync(binary, words, { encoding: 'utf8', timeout: 120_000 });
    return { status: ran.status ?? -1, out: ran.stdout, err: ran.stderr };
  }

  /** The same with --data and, on PostgreSQL, the database. */
  commandOnData(name: string, ...words: string[]) {
    return this.command(name, '--data', this.data, ...this.databaseWords('probity_app'), ...words);
  }

  /** The same with the rights to make tables. */
  commandAsOwner(name: string, ...words: string[]) {
    return this.command(name, '--data', this.data, ...this.databaseWords('postgres'), ...words);
  }

  /** As commandOnData, typed at a terminal of its own by somebody who then types `answer`. */
  commandAtTerminal(answer: string, name: string, ...words: string[]) {
    const all = [name, '--data', this.data, ...this.databaseWords('probity_app'), ...words];
    const line = [binary, ...all].map((word) => `'${word}'`).join(' ');
    const ran = spawnSync('script', ['-qec', line, '/dev/null'],
      { input: answer, encoding: 'utf8', timeout: 120_000 });
    return { status: ran.status ?? -1, out: ran.stdout };
  }

  /** As commandOnData while clients of this process go on. */
  commandBeside(name: string, ...words: string[]): Promise<{ status: number; err: string }> {
    const all = [name, '--data', this.data, ...this.databaseWords('probity_app'), ...words];
    const ran = spawn(binary, all, { stdio: ['ignore', 'ignore', 'pipe'] });
    let err = '';
    ran.stderr?.on('data', (piece: Buffer) => { err += piece.toString(); });
    return new Promise((done) => ran.once('close', (code) => done({ status: code ?? -1, err })));
  }

  init(slug: string, owner = `owner@${slug}.example`, name = `Organisation ${slug}`): Tenant {
    const words = ['--tenant', slug, '--name', name, '--owner', owner];
    const made = this.commandAsOwner('init', ...words);
    must(made.status === 0, `init: ${made.status} ${made.err}`);
    const found = /\/setup\/(\S+)/.exec(made.out);
    must(found !== null, `init printed no set-up link: ${made.out}`);
    return { slug, owner, setupToken: found?.[1] ?? '' };
  }

  async serve(...more: string[]): Promise<void> {
    const log = openSync(this.logFile, 'a');
    const mode = this.options.realClock ? [] : ['--test-mode'];
    const words = ['serve', '--data', this.data, '--listen', '127.0.0.1:0', ...mode];
    const all = [...words, ...this.databaseWords('probity_app'), ...(this.options.serve ?? [])];
    const env = { ...process.env, ...this.options.env };
    const server = spawn(binary, [...all, ...more], { env, stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    this.server = server;
    this.isSignalled = false;
    this.port = await new Promise<number>((done, failed) => {
      let said = '';
      const late = setTimeout(() => failed(new Error(`not ready: ${this.log}`)), startLimitMs);
      server.once('exit', (code) => {
        clearTimeout(late);
        this.server = undefined;
        failed(new Error(`serve ended with ${code}: ${this.log}`));
      });
      server.stdout?.on('data', (piece: Buffer) => {
        said += piece.toString();
        const found = /^Serving https:\/\/127\.0\.0\.1:(\d+)$/m.exec(said);
        if (found === null) return;
        clearTimeout(late);
        server.removeAllListeners('exit');
        done(Number(found[1]));
      });
    });
  }

  /**
   * Ends the server with a signal and waits for it; answers its exit code. Fails when it had ended
   * without being told to.
   */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const server = this.server;
    this.server = undefined;
    this.agent.destroy();
    if (server === undefined) return null;
    if (server.exitCode !== null || server.signalCode !== null) {
      const how = server.exitCode ?? server.signalCode;
      // Who uses SIGKILL, on its number, is a test.
      const isWanted = this.isSignalled || how === 'SIGKILL';
      must(isWanted, `the server ended by itself (${how}): ${this.log.slice(-2_000)}`);
      return server.exitCode;
    }
    const gone = new Promise<number | null>((done) => server.once('exit', (code) => done(code)));
    server.kill(signal);
    return gone;
  }

  signal(signal: NodeJS.Signals): void {
    this.isSignalled = true;
    this.server?.kill(signal);
  }

  /** Ends everything and removes the data. */
  async stop(): Promise<void> {
    try {
      await this.end('SIGTERM');
    } finally {
      await this.cluster?.stop();
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  ask(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    const headers: Record<string, string> = { ...ask.headers };
    let body: string | Buffer | undefined;
    if (typeof ask.body === 'string' || Buffer.isBuffer(ask.body)) body = ask.body;
    else if (ask.body !== undefined) {
      body = JSON.stringify(ask.body);
      headers['content-type'] ??= 'application/json';
    }
    if (ask.cookie !== undefined) headers['cookie'] = `__Host-probity=${ask.cookie}`;
    if (ask.csrf !== undefined) headers['x-csrf-token'] = ask.csrf;
    if (ask.bearer !== undefined) headers['authorization'] = `Bearer ${ask.bearer}`;
    if (body !== undefined) headers['content-length'] = String(Buffer.byteLength(body));
    const where = { host: '127.0.0.1', port: this.port, method, path, headers, agent: this.agent };
    return new Promise((done, failed) => {
      const sent = httpsRequest(where, (got) => {
        const pieces: Buffer[] = [];
        got.on('data', (piece: Buffer) => pieces.push(piece));
        got.on('error', failed);
        got.on('end', () => {
          const bytes = Buffer.concat(pieces);
          const text = bytes.toString('utf8');
          const { headers } = got;
          const status = got.statusCode ?? 0;
          done({ status, headers, bytes, text, get json() { return JSON.parse(text); } });
        });
      });
      sent.setTimeout(60_000, () => sent.destroy(new Error(`no answer: ${method} ${path}`)));
      sent.on('error', failed);
      sent.end(body);
    });
  }

  /** Moves the test clock. */
  async advance(seconds: number): Promise<void> {
    const moved = await this.ask('POST', '/api/v1/test/clock', { body: { advance_s: seconds } });
    must(moved.status === 200, `the clock did not move: ${moved.status} ${moved.text}`);
  }

  async setUp(tenant: Tenant, password: string): Promise<Member> {
    const redeemed = await this.ask('POST', '/api/v1/setup', {
      body: { token: tenant.setupToken, password },
    });
    must(redeemed.status === 204, `setup: ${redeemed.status} ${redeemed.text}`);
    return this.logIn(tenant.slug, tenant.owner, password);
  }

  async logIn(tenant: string, email: string, password: string): Promise<Member> {
    const entered = await this.ask('POST', '/api/v1/login', { body: { tenant, email, password } });
    must(entered.status === 200, `login: ${entered.status} ${entered.text}`);
    return Member.from(this, entered);
  }

  /** The usual beginning: tenant `main` with its owner logged in. */
  async begin(slug = 'main'): Promise<Member> {
    const tenant = this.init(slug);
    await this.serve();
    return this.setUp(tenant, goodPassword);
  }

  /** Waits until a condition holds, at most `limitMs`. */
  async until(what: string, holds: () => Promise<boolean>, limitMs = 5000): Promise<void> {
    const end = Date.now() + limitMs;
    while (Date.now() < end) {
      if (await holds()) return;
      await pause(50);
    }
    throw new Error(`not within ${limitMs} ms: ${what}`);
  }
}

export const goodPassword = 'violet harbour lantern 47';

/** Value of the session cookie an answer sets. */
export const cookieOf = (answer: Answer): string => {
  const set = answer.headers['set-cookie'];
  const line = Array.isArray(set) ? set[0] : set;
  return /^__Host-probity=([^;]*)/.exec(line ?? '')?.[1] ?? '';
};

/** Somebody logged in: every call carries cookie and CSRF token. */
export class Member {
  private constructor(
    readonly probity: Probity,
    readonly cookie: string,
    readonly csrf: string,
    readonly me: any,
  ) {}

  static async from(probity: Probity, entered: Answer): Promise<Member> {
    const cookie = cookieOf(entered);
    const me = await probity.ask('GET', '/api/v1/me', { cookie });
    must(me.status === 200, `me: ${me.status} ${me.text}`);
    return new Member(probity, cookie, me.json.csrf_token, me.json);
  }

  ask(method: string, path: string, ask: Ask = {}): Promise<Answer> {
    return this.probity.ask(method, path, { cookie: this.cookie, csrf: this.csrf, ...ask });
  }

  /** As ask; throws unless the status is the expected one. */
  async must(status: number, method: string, path: string, body?: unknown): Promise<Answer> {
    const got = await this.ask(method, path, body === undefined ? {} : { body });
    must(got.status === status, `${method} ${path}: ${got.status} ${got.text}`);
    return got;
  }

  /** Every item of a list, page by page. */
  async every(path: string): Promise<any[]> {
    const items: any[] = [];
    let after: string | null = null;
    do {
      const from: string = after === null ? '' : `&after=${encodeURIComponent(after)}`;
      const page = (await this.must(200, 'GET', `${path}?limit=1000${from}`)).json;
      items.push(...page.items);
      after = page.next;
    } while (after !== null);
    return items;
  }

  /** A published survey; answers its id and link token. */
  async survey(questionnaire: unknown, mode = 'anonymous'): Promise<{ id: string; token: string }> {
    const made = await this.must(201, 'POST', `/api/v1/surveys?mode=${mode}`, questionnaire);
    const published = await this.must(200, 'POST', `/api/v1/surveys/${made.json.id}/publish`);
    return { id: made.json.id, token: published.json.token };
  }

  /** Another member of the tenant, with a password and logged in. */
  async colleague(email: string, role: string, password = goodPassword): Promise<Member> {
    const invited = await this.must(201, 'POST', '/api/v1/users', { email, role });
    const token = String(invited.json.invite_path).replace(/^.*\/setup\//, '');
    const redeemed = await this.probity.ask('POST', '/api/v1/setup', { body: { token, password } });
    must(redeemed.status === 204, `setup: ${redeemed.status} ${redeemed.text}`);
    return this.probity.logIn(this.me.tenant.slug ?? this.me.tenant, email, password);
  }
}

/** A small questionnaire of the four basic types. */
export const sampleQuestionnaire = {
  title: 'How was the project?',
  pages: [
    {
      name: 'one',
      elements: [
        {
          type: 'rating', name: 'recommend', title: 'Would you recommend us?',
          rateMin: 0, rateMax: 10,
        },
        {
          type: 'radiogroup', name: 'contact', title: 'How did we work together?',
          choices: ['In person', 'Remotely', 'Both'],
        },
        {
          type: 'checkbox', name: 'liked', title: 'What went well?',
          choices: ['Advice', 'Speed', 'Price'],
        },
        { type: 'comment', name: 'words', title: 'Anything else?' },
      ],
    },
  ],
};

export const sampleAnswers = {
  recommend: 9,
  contact: 'Remotely',
  liked: ['Advice', 'Speed'],
  words: 'Clear and calm throughout.',
};
