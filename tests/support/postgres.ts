// A private PostgreSQL cluster for a test: a socket in a private folder, no port, fsync on.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const binaries = '/usr/lib/postgresql/15/bin';
const startLimitMs = 60_000;

export interface Cluster {
  /** A connection URL for the superuser. */
  readonly url: string;
  /** The URL of another database or role of the same cluster. */
  urlOf(database: string, role?: string): string;
  /** Runs statements as the superuser; throws with psql's words when one fails. */
  run(sql: string, database?: string): string;
  /** Ends the server as a power cut would, then starts it on the same data. */
  crashAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export const isAvailable = (): boolean => existsSync(join(binaries, 'postgres'));

/** PostgreSQL refuses to run as root: the account to use then, else nothing to change. */
const account = (): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = lines.find((entry) => entry.startsWith('postgres:'));
  if (line === undefined) throw new Error('there is no account named postgres');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
};

const launch = (folder: string): ChildProcess => {
  const log = openSync(join(folder, 'server.log'), 'a');
  const words = ['-D', join(folder, 'data'), '-k', folder, '-c', 'listen_addresses='];
  return spawn(join(binaries, 'postgres'), [...words, '-c', 'fsync=on'], {
    ...account(),
    cwd: '/',
    stdio: ['ignore', log, log],
  });
};

const untilReady = async (folder: string, server: ChildProcess): Promise<void> => {
  const end = Date.now() + startLimitMs;
  while (Date.now() < end && server.exitCode === null) {
    if (spawnSync(join(binaries, 'pg_isready'), ['-q', '-h', folder]).status === 0) return;
    await pause(100);
  }
  throw new Error(`PostgreSQL did not start: ${readFileSync(join(folder, 'server.log'), 'utf8')}`);
};

const ended = (server: ChildProcess): Promise<void> =>
  new Promise((done) => {
    if (server.exitCode !== null || server.signalCode !== null) done();
    else server.once('exit', () => done());
  });

/** Copies the empty data folder that `./test` made, or makes one. */
const makeData = (data: string, who: { uid?: number; gid?: number }): void => {
  const empty = process.env.PROBITY_TEST_EMPTY_POSTGRES;
  const words = ['-U', 'postgres', '--auth=trust', '--locale=C', '--encoding=UTF8', '--no-sync'];
  const [program, given] = empty !== undefined && existsSync(empty)
    ? ['cp', ['-a', empty, data]]
    : [join(binaries, 'initdb'), ['-D', data, ...words]];
  const made = spawnSync(program, given, { ...who, cwd: '/', encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${program}: ${made.stderr}`);
};

export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'probity-pg-'));
  const who = account();
  if (who.uid !== undefined && who.gid !== undefined) chownSync(folder, who.uid, who.gid);
  makeData(join(folder, 'data'), who);
  let server = launch(folder);
  await untilReady(folder, server);

  const urlOf = (database: string, role = 'postgres'): string =>
    `postgresql:///${database}?host=${folder}&user=${role}`;
  return {
    url: urlOf('postgres'),
    urlOf,
    run(sql, database = 'postgres') {
      const asked = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', urlOf(database)];
      const told = spawnSync(join(binaries, 'psql'), asked, { input: sql, encoding: 'utf8' });
      if (told.status !== 0) throw new Error(told.stderr);
      return told.stdout.trimEnd();
    },
    async crashAndRestart() {
      // SIGQUIT ends every process at once, without a checkpoint: recovery follows.
      server.kill('SIGQUIT');
      await ended(server);
      server = launch(folder);
      await untilReady(folder, server);
    },
    async stop() {
      server.kill('SIGINT');
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
