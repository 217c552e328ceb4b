// The README as a newcomer follows it: its own commands, typed into a shell in their order, each
// with what it promises. A command this test does not know fails it, and so does one that is gone.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { binary, goodPassword, root } from '../support/probity.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const sections = [
  'Two commands', 'From the first survey to the first report', 'Behind a domain name',
  'The statement', 'Not built yet',
];

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .map((found) => ({ language: found[1] ?? '', text: found[2] ?? '' }));

const isOpen = (command: string): boolean =>
  command.endsWith('\\') || (command.match(/'/g) ?? []).length % 2 === 1;

/** The commands of a block as they are typed: continued lines together, comments gone. */
const commandsOf = (text: string): string[] => {
  const commands: string[] = [];
  let begun = '';
  for (const line of text.split('\n')) {
    begun += begun === '' ? line : `\n${line}`;
    if (isOpen(begun)) continue;
    const command = begun.replace(/\s{2,}# .*$/, '').trim();
    if (command !== '') commands.push(command);
    begun = '';
  }
  assert.equal(begun, '', 'a quote or a continued line does not end');
  return commands;
};

const commands = blocksOf(readme).filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => commandsOf(text));

interface Said {
  readonly status: number;
  readonly text: string;
}

const upLoopback = 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, ' +
  'struct.pack("16sh14x", b"lo", 65))';
const ownNetwork = ['--net', '--', 'bash', '-c', `python3 -c '${upLoopback}' && exec bash`];

/** Where a machine lets us, the README's ports are ours alone, in a network without a way out. */
const canOwnNetwork = (): boolean =>
  spawnSync('unshare', ownNetwork, { input: 'exit 0\n' }).status === 0;

const freePort = (): Promise<number> => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => done(port));
  });
});

/** A terminal with a shell in it. */
class Terminal {
  private heard = '';
  private serial = 0;

  private constructor(
    private readonly shell: ChildProcess,
    private readonly ports: ReadonlyMap<string, string>,
  ) {
    for (const stream of [shell.stdout, shell.stderr])
      stream?.on('data', (piece: Buffer) => { this.heard += piece.toString(); });
  }

  static async open(folder: string): Promise<Terminal> {
    const ports = new Map<string, string>();
    const isOwn = canOwnNetwork();
    if (!isOwn) for (const port of ['8443', '443']) ports.set(port, String(await freePort()));
    const [program = '', ...words] = isOwn ? ['unshare', ...ownNetwork] : ['bash'];
    const env = { ...process.env, TMPDIR: folder };
    const shell = spawn(program, words, { cwd: folder, detached: true, env, stdio: 'pipe' });
    return new Terminal(shell, ports);
  }

  get isLiteral(): boolean {
    return this.ports.size === 0;
  }

  /** The text as it is, but for the ports where they may belong to somebody else. */
  here(text: string): string {
    return text.replace(/\b(8443|443)\b/g, (port) => this.ports.get(port) ?? port);
  }

  /** Types a command, and a line its `read` asks for; answers when it has ended. */
  async type(command: string, typed?: string): Promise<Said> {
    const mark = `ended-${process.pid}-${++this.serial}`;
    this.heard = '';
    const words = typed === undefined ? command : `${command}\n${typed}`;
    this.shell.stdin?.write(`${this.here(words)}\nprintf '\\n${mark} %s\\n' $?\n`);
    const end = Date.now() + 60_000;
    for (;;) {
      const found = new RegExp(`\\n${mark} (\\d+)\\n`).exec(this.heard);
      if (found !== null)
        return { status: Number(found[1]), text: this.heard.slice(0, found.index).trim() };
      if (Date.now() > end) throw new Error(`does not end: ${command}\n${this.heard}`);
      await pause(20);
    }
  }

  /** As type; the command must succeed. */
  async must(command: string, typed?: string): Promise<string> {
    const said = await this.type(command, typed);
    assert.equal(said.status, 0, `${command}\n${said.text}`);
    return said.text;
  }

  /** Ends the shell and everything it started. */
  async close(): Promise<void> {
    const gone = new Promise((done) => this.shell.once('close', done));
    process.kill(-(this.shell.pid ?? 0), 'SIGTERM');
    const late = setTimeout(() => process.kill(-(this.shell.pid ?? 0), 'SIGKILL'), 15_000);
    // Bash stays for SIGTERM, and leaves at the end of its input.
    this.shell.stdin?.end();
    await gone;
    clearTimeout(late);
  }
}

/** A checkout whose packages and build are there already. */
const makeCheckout = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'probity-readme-'));
  for (const part of ['pkg', 'tools', 'build']) mkdirSync(join(folder, part));
  copyFileSync(join(root, 'run'), join(folder, 'run'));
  for (const done of ['pkg/install', 'tools/build'])
    writeFileSync(join(folder, done), '#!/bin/sh\n', { mode: 0o755 });
  symlinkSync(binary, join(folder, 'build/probity'));
  return folder;
};

describe('the README', () => {
  test('has its sections, and they take one to two screens', () => {
    assert.deepEqual([...readme.matchAll(/^## (.*)$/gm)].map((found) => found[1]), sections);
    assert.ok(readme.split('\n').length <= 120);
  });

  test('links to pages that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map((found) => found[1] ?? '');
    assert.ok(links.length > 5);
    for (const link of links) assert.ok(existsSync(join(root, link)), link);
  });

  test('names a built test runner', () => {
    const said = spawnSync(join(root, 'test'), ['--help'], { encoding: 'utf8' });
    assert.equal(said.status, 0, said.stderr);
    assert.match(said.stdout, /usage: \.\/test/);
  });
});

describe('the story of the README', () => {
  let folder: string;
  let terminal: Terminal;
  let server = 0;
  let link = '';
  let survey = '';

  before(async () => {
    folder = makeCheckout();
    terminal = await Terminal.open(folder);
  });
  after(async () => {
    // A shell that hangs is ended by force, with its server.
    await terminal?.type(`kill ${server}; wait ${server}`).catch(() => undefined);
    await terminal?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the server in the other terminal has printed. */
  const printed = (name: string): string => readFileSync(join(folder, name), 'utf8');

  /** Starts `./run …` as in a terminal of its own; answers what it printed, and how soon. */
  const start = async (command: string): Promise<{ text: string; seconds: number }> => {
    if (server !== 0) await terminal.must(`kill ${server}; wait ${server}`);
    const began = performance.now();
    await terminal.must(`${command} </dev/null >run.out 2>run.log & server=$!`);
    server = Number(await terminal.must('echo $server'));
    while (!/^Serving /m.test(printed('run.out'))) {
      const isLate = performance.now() - began > 20_000;
      assert.ok(!isLate && existsSync(`/proc/${server}`), printed('run.out') + printed('run.log'));
      await pause(20);
    }
    return { text: printed('run.out'), seconds: (performance.now() - began) / 1000 };
  };

  const curl = (words: string): Promise<Said> =>
    terminal.type(`curl -sS --cacert data/tls/certificate.pem -w '\\n%{http_code}' ${words}`);
  const page = async (path: string): Promise<string> => {
    const said = await curl(`https://localhost:8443${path}`);
    assert.match(said.text, /\n200$/, path);
    return said.text;
  };

  /** As printed; where the port may be somebody else's, the run is told a free one. */
  const plainRun = () => (terminal.isLiteral ? './run' : './run --listen 127.0.0.1:8443');

  const firstStart = async () => {
    const said = await start(plainRun());
    const found = new RegExp(terminal.here('^(https://localhost:8443)/setup/(\\S+)$'), 'm')
      .exec(said.text);
    assert.ok(found !== null, `no set-up link: ${said.text}`);
    assert.match(printed('run.log'), /data\.key[\s\S]*[Kk]eep a copy/);
    assert.equal(statSync(join(folder, 'data.key')).mode & 0o777, 0o600);
    assert.match(await page('/'), /Probity/);
    await chooses(found?.[2] ?? '');
    const memory = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server}/status`, 'utf8'));
    assert.ok(Number(memory?.[1]) < 60 * 1024, `${memory?.[0]}`);
  };

  /** Opens the set-up link as a browser does, without JavaScript. */
  const chooses = async (token: string) => {
    const form = await page(`/setup/${token}`);
    assert.match(form, /<form method="post" action="\/setup">[\s\S]*name="password"/);
    const send = (password: string) => curl('https://localhost:8443/setup ' +
      `--data-urlencode 'token=${token}' --data-urlencode 'password=${password}'`);
    assert.match((await send('quiet harbour ')).text, /\n(400|422)$/, '14 characters are refused');
    assert.match((await send(goodPassword)).text, /^(204|303)$/);
    assert.match((await send(goodPassword)).text, /\n(404|410)$/, 'the link works once');
  };

  const printsTheAddress = (text: string) => {
    const found = new RegExp(terminal.here('^https://localhost:8443(/s/(\\S+))$')).exec(text);
    assert.ok(found !== null, text);
    [, survey = '', link = ''] = found ?? [];
  };

  const answersOnThePage = async () => {
    const shown = await page(survey);
    assert.doesNotMatch(shown, /<script(?![^>]* src=)/);
    const hidden = [...shown.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)]
      .map((field) => `--data-urlencode '${field[1]}=${field[2]}'`).join(' ');
    const sent = await curl(`https://localhost:8443/s/${link} ${hidden} ` +
      "--data-urlencode 'a.recommend=7' --data-urlencode '_move=send' -L");
    assert.match(sent.text, /rcp_/);
  };

  const counts = (text: string) => {
    const report = JSON.parse(text);
    assert.equal(report.responses, 2);
    const [recommend, words] = report.questions;
    assert.equal(recommend.mean, 8);
    assert.deepEqual([recommend.answered, words.answered, words.blank], [2, 1, 1]);
  };

  const checksTheStatement = async (text: string) => {
    assert.match(text, /held/);
    assert.doesNotMatch(text, /NOT CHECKED/);
    const file = join(folder, 'statement.json');
    const statement = readFileSync(file, 'utf8');
    const changed = statement.replace('"test_mode":false', '"test_mode":true');
    assert.notEqual(changed, statement);
    writeFileSync(join(folder, 'changed.json'), changed);
    const said = await terminal.type('build/probity verify changed.json --key $key');
    assert.notEqual(said.status, 0, said.text);
    await seesTheStatement();
  };

  const seesTheStatement = async () => {
    const shown = await page('/security');
    const limits = shown.indexOf('id="limits"');
    const summary = shown.indexOf('<table');
    const first = shown.indexOf('id="p-');
    assert.ok(0 < limits && limits < summary && summary < first, 'limits, counts, sentences');
    for (const word of ['held', 'broken', 'unknown', 'off', 'not built'])
      assert.match(shown.slice(summary, first), new RegExp(`\\b${word}\\b`));
  };

  const withCertificate = async (command: string) => {
    const example = blocksOf(readme).find(({ language }) => language === 'toml')?.text ?? '';
    const file = /probity\.toml/.exec(command)?.[0] ?? '';
    writeFileSync(join(folder, file), example.replaceAll('/etc/probity', folder));
    const [, certificate, key] = /certificate = "(.*)"[\s\S]*key = "(.*)"/.exec(
      readFileSync(join(folder, file), 'utf8')) ?? [];
    await terminal.must('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes ' +
      "-days 2 -subj '/CN=ask.example.org' -addext 'subjectAltName=DNS:ask.example.org' " +
      `-keyout ${key} -out ${certificate} 2>&1`);
    const said = await start(command);
    assert.doesNotMatch(said.text, /\/setup\//, 'the second start makes no tenant');
    assert.ok(said.seconds < 5, `${said.seconds} s until ready`);
    const asked = await terminal.must(`curl -sS --cacert ${certificate} ` +
      "--resolve ask.example.org:443:127.0.0.1 -o /dev/null -w '%{http_code}' " +
      'https://ask.example.org:443/');
    assert.equal(asked, '200');
  };

  const behindProxy = async (command: string) => {
    const more = terminal.isLiteral ? '' : ' --listen 127.0.0.1:8443';
    await start(command.replace('./run', `./run${more}`));
    const asked = async (host: string) => (await curl(
      `https://localhost:8443/ -o /dev/null -H 'Host: ${host}'`)).text;
    assert.equal(await asked('ask.example.org'), '200');
    assert.notEqual(await asked('other.example.org'), '200');
    // The first start of such a server prints a link that people can open.
    const fresh = await start(command.replace('./run', `./run${more} --data fresh`));
    assert.match(fresh.text, /^https:\/\/ask\.example\.org\/setup\/\S+$/m);
    await start(plainRun());
  };

  const isReceipt = (text: string) => assert.match(JSON.parse(text).receipt, /^rcp_/);
  const typed = (check: (text: string) => unknown = () => undefined) =>
    async (command: string) => { await check(await terminal.must(command)); };

  /** Every command of the README in its order, and what is done and seen with it. */
  const known: [RegExp, (command: string) => Promise<unknown>][] = [
    [/^\.\/run$/, firstStart],
    // This test is part of it.
    [/^\.\/test$/, async () => undefined],
    [/^probity=https:\/\/localhost:8443$/, typed()],
    [/^ask\(\) \{ curl -sS --cacert data\/tls\/certificate\.pem [^;]*; \}$/, typed()],
    [/^value\(\) \{ sed [^;]*; \}$/, typed()],
    [/^read -rsp 'Password: ' password$/, (command) => terminal.must(command, goodPassword)],
    [/^ask -c jar \$probity\/api\/v1\/login /, typed((text) =>
      assert.equal(JSON.parse(text).tenant, 'main'))],
    [/^csrf=\$\(ask -b jar \$probity\/api\/v1\/me /, typed()],
    [/^own\(\) \{ ask -b jar -H [^;]*; \}$/, typed()],
    [/^id=\$\(own \$probity\/api\/v1\/surveys -d /, typed()],
    [/^link=\$\(own -X POST \$probity\/api\/v1\/surveys\/\$id\/publish /, typed()],
    [/^echo "\$probity\/s\/\$link"$/, async (command) => {
      printsTheAddress(await terminal.must(command));
      await answersOnThePage();
    }],
    [/^ask \$probity\/api\/v1\/public\/\$link\/responses -d /, typed(isReceipt)],
    [/^own \$probity\/api\/v1\/surveys\/\$id\/report$/, typed(counts)],
    [/^\.\/run --listen \S+ -- --config probity\.toml --public-url \S+$/, withCertificate],
    [/^\.\/run -- --public-url https:\/\/ask\.example\.org --trusted-proxy \S+$/, behindProxy],
    [/^ask \$probity\/\.well-known\/probity-statement\.json >statement\.json$/, typed()],
    [/^key=\$\(ask \$probity\/\.well-known\/probity-keys\.json /, typed()],
    [/^build\/probity verify statement\.json --key \$key$/, typed(checksTheStatement)],
  ];

  test('its commands are those this test knows, in this order', () => {
    for (const command of commands)
      assert.ok(known.some(([form]) => form.test(command)), `unknown command: ${command}`);
    assert.equal(commands.length, known.length);
    known.forEach(([form], at) => assert.match(commands[at] ?? '', form));
  });

  test('each command does what stands beside it', async (t) => {
    t.diagnostic(terminal.isLiteral ? 'ports as printed' : 'ports are others: no own network');
    for (const command of commands) {
      const [, follow] = known.find(([form]) => form.test(command)) ?? [];
      assert.ok(follow !== undefined, `unknown command: ${command}`);
      await follow?.(command);
    }
    assert.ok(survey !== '' && link !== '');
  });

  test('what it says between the lines exists', async () => {
    const spans = new Set([...readme.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)]
      .map((found) => found[1] ?? ''));
    const usage = spawnSync(join(root, 'run'), ['--help'], { encoding: 'utf8' }).stdout;
    for (const word of [...spans].filter((span) => span.startsWith('./run '))) {
      const option = word.split(' ')[1] ?? '';
      assert.ok(usage.includes(option), word);
    }
    for (const path of [...spans].filter((span) => span.startsWith('/'))) {
      const said = await curl(`https://localhost:8443${path} -o /dev/null`);
      assert.match(said.text, /200$/, path);
    }
    const help = spawnSync(binary, ['--help'], { encoding: 'utf8' }).stdout;
    for (const word of [...spans].filter((span) => span.startsWith('probity ')))
      assert.ok(help.includes(word.split(' ')[1] ?? '?'), word);
    for (const name of ['data.key', 'probity.toml']) assert.ok(spans.has(name), name);
  });
});
