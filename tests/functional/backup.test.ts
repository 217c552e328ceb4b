// A backup made while responses come in, restored on an empty server: the same reports, the same
// content, the same people; what is damaged or would overwrite something is refused.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import {
  binary, type Engine, engines, goodPassword, type Member, Probity, sampleAnswers,
  sampleQuestionnaire,
} from '../support/probity.ts';
import { ferrySheet } from '../support/sheet.ts';

const clients = 16;

const reportOf = async (member: Member, id: string): Promise<any> => {
  const { generated_at: _, ...report } =
    (await member.must(200, 'GET', `/api/v1/surveys/${id}/report`)).json;
  return report;
};

/** Table -> rows and hash, of everything a tenant has. */
const contentOf = (probity: Probity, ...words: string[]): Record<string, any> => {
  const file = join(probity.folder, `content-${Date.now()}.tar.gz`);
  const said = probity.commandOnData('export', '--tenant', 'main', '--out', file, ...words);
  assert.equal(said.status, 0, said.err);
  const read = spawnSync('tar', ['-xzOf', file, 'manifest.json'], { encoding: 'utf8' });
  assert.equal(read.status, 0, read.stderr);
  const { tables } = JSON.parse(read.stdout);
  // Exporting and backing up are themselves entries of the log.
  return Object.fromEntries(Object.entries<any>(tables)
    .filter(([, table]) => table.imported !== false));
};

/** Submits until told to stop; what was acknowledged stands in `acknowledged` at once. */
class Storm {
  readonly acknowledged: string[] = [];
  private isOver = false;
  private readonly running: Promise<void[]>;

  constructor(readonly probity: Probity, readonly token: string) {
    this.running = Promise.all(Array.from({ length: clients }, (_, index) => this.client(index)));
  }

  private async client(index: number): Promise<void> {
    for (let i = 0; !this.isOver; ++i) {
      const marker = `marker ${index}-${i}`;
      const got = await this.probity.ask('POST', `/api/v1/public/${this.token}/responses`, {
        body: { answers: { ...sampleAnswers, words: marker } },
      });
      assert.equal(got.status, 201, got.text);
      this.acknowledged.push(marker);
    }
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.running;
  }
}

const keyOf = (probity: Probity): string => `${probity.data}.key`;

const restore = (onto: Probity, from: Probity, file: string) =>
  onto.commandAsOwner('restore', '--from', file, '--key-file', keyOf(from));

for (const engine of engines)
  describe(`a backup on ${engine}`, () => {
    let origin: Probity;
    let owner: Member;
    let counted: { id: string; report: any };
    let busy: { id: string; token: string };

    before(async () => {
      origin = await Probity.start({ engine });
      owner = await origin.begin();
      const headers = { 'content-type': 'text/csv' };
      const path = '/api/v1/surveys/import?title=ferry&header_rows=2';
      const got = await owner.ask('POST', path, { body: ferrySheet().bytes, headers });
      assert.equal(got.status, 201, got.text);
      const { id } = got.json.survey;
      counted = { id, report: await reportOf(owner, id) };
      busy = await owner.survey(sampleQuestionnaire, 'confidential');
    });
    after(() => origin?.stop());

    test('made while responses come in holds one moment and nothing less', async (t) => {
      const file = join(origin.folder, 'busy.probity');
      const storm = new Storm(origin, busy.token);
      await origin.until('responses come in', async () => storm.acknowledged.length > 100);
      const first = [...storm.acknowledged];
      const said = await origin.commandBeside('backup', '--to', file);
      const later = storm.acknowledged.length;
      await storm.end();
      assert.equal(said.status, 0, said.err);
      assert.ok(later > first.length, 'nothing came in meanwhile');

      const other = await Probity.start({ engine });
      try {
        const restored = restore(other, origin, file);
        assert.equal(restored.status, 0, restored.err);
        const audited = other.commandOnData('verify', '--audit', '--key-file', keyOf(origin));
        assert.equal(audited.status, 0, audited.out + audited.err);
        await other.serve('--key-file', keyOf(origin));
        const member = await other.logIn('main', owner.me.user.email, goodPassword);
        const there = await member.every(`/api/v1/surveys/${busy.id}/responses`);
        const markers = new Set(there.map((one) => one.answers.words));
        assert.deepEqual(first.filter((one) => !markers.has(one)), []);
        assert.equal(markers.size, there.length);
        const submitted = (await member.every('/api/v1/audit'))
          .filter((entry) => entry.action === 'response.submit').map((entry) => entry.object);
        const ids = new Set(there.map((one) => one.id));
        const stored = new Set(submitted.filter((id) => ids.has(id)));
        assert.deepEqual([...ids].filter((id) => !stored.has(id)), []);
        const { responses } = await reportOf(member, busy.id);
        assert.equal(responses, there.length);
        t.diagnostic(`${first.length} acknowledged before, ${there.length} in the backup, ` +
          `${storm.acknowledged.length} in all`);
      } finally {
        await other.stop();
      }
    });

    test('restored: same reports, content, members and sessions, once', async () => {
      const file = join(origin.folder, 'quiet.probity');
      const said = origin.commandOnData('backup', '--to', file);
      assert.equal(said.status, 0, said.err);
      assert.notEqual(origin.commandOnData('backup', '--to', file).status, 0, 'over another file');
      const content = contentOf(origin);
      const other = await Probity.start({ engine });
      try {
        const restored = restore(other, origin, file);
        assert.equal(restored.status, 0, restored.err);
        assert.deepEqual(contentOf(other, '--key-file', keyOf(origin)), content);
        await other.serve('--key-file', keyOf(origin));
        // The session of before, and a new one.
        const me = await other.ask('GET', '/api/v1/me', { cookie: owner.cookie });
        assert.equal(me.status, 200, me.text);
        const member = await other.logIn('main', owner.me.user.email, goodPassword);
        assert.deepEqual(await reportOf(member, counted.id), counted.report);
        assert.equal((await other.ask('GET', `/api/v1/public/${busy.token}`)).status, 200);
        const sent = await other.ask('POST', `/api/v1/public/${busy.token}/responses`, {
          body: { answers: sampleAnswers },
        });
        assert.equal(sent.status, 201, sent.text);
        const again = restore(other, origin, file);
        assert.notEqual(again.status, 0, 'onto data');
        assert.deepEqual(await reportOf(member, counted.id), counted.report);
        const audited = other.commandOnData('verify', '--audit', '--key-file', keyOf(origin));
        assert.equal(audited.status, 0, audited.out + audited.err);
      } finally {
        await other.stop();
      }
    });

    test('with one byte changed writes nothing, and whole again it is restored', async () => {
      const file = join(origin.folder, 'damaged.probity');
      assert.equal(origin.commandOnData('backup', '--to', file).status, 0);
      const whole = readFileSync(file);
      const other = await Probity.start({ engine });
      try {
        for (const at of [20, 100, Math.floor(whole.length / 2), whole.length - 1]) {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ 1;
          writeFileSync(file, changed);
          assert.notEqual(restore(other, origin, file).status, 0, `byte ${at}`);
          assert.ok(!existsSync(other.data), `byte ${at}`);
          assert.equal(schemasOf(other), '0', `byte ${at}`);
        }
        writeFileSync(file, whole);
        const restored = restore(other, origin, file);
        assert.equal(restored.status, 0, restored.err);
      } finally {
        await other.stop();
      }
    });

    test('whose restore is killed at any moment is restored by running it again', async (t) => {
      const file = join(origin.folder, 'killed.probity');
      assert.equal(origin.commandOnData('backup', '--to', file).status, 0);
      const other = await Probity.start({ engine });
      try {
        const database = other.cluster
          ? ['--database', other.cluster.urlOf('probity', 'postgres')] : [];
        const words = ['restore', '--data', other.data, ...database, '--from', file, '--key-file',
          keyOf(origin)];
        let kills = 0;
        for (let waited = 10; ; waited = Math.ceil(waited * 1.6)) {
          const ran = spawn(binary, words, { stdio: 'ignore' });
          const gone = new Promise<number | null>((done) => ran.once('close', done));
          await Promise.race([gone, pause(waited)]);
          ran.kill('SIGKILL');
          if ((await gone) === 0) break;
          ++kills;
          assert.ok(kills < 40, 'it never came through');
          // The database takes the killed session back by itself.
          if (other.cluster) await pause(200);
          if (isRestored(other)) break;
        }
        assert.deepEqual(contentOf(other, '--key-file', keyOf(origin)), contentOf(origin));
        t.diagnostic(`killed ${kills} times`);
      } finally {
        await other.stop();
      }
    });
  });

/** The schemas of this name in the database; a restore makes one, in its last step. */
const schemasOf = (probity: Probity): string =>
  probity.cluster?.run("SELECT count(*) FROM pg_namespace WHERE nspname = 'probity'",
    'probity') ?? '0';

/** Whether a restore was killed after its last step: then everything is there. */
const isRestored = (onto: Probity): boolean =>
  onto.cluster ? schemasOf(onto) === '1' : existsSync(onto.data);

describe('a backup of another engine', { skip: engines.length < 2 && 'one engine only' }, () => {
  const cases: readonly [Engine, Engine][] = [['sqlcipher', 'postgres'], ['postgres', 'sqlcipher']];
  for (const [from, onto] of cases)
    test(`of ${from} is refused by ${onto} with the way out`, async () => {
      const origin = await Probity.start({ engine: from });
      const other = await Probity.start({ engine: onto });
      try {
        origin.init('main');
        const file = join(origin.folder, 'backup.probity');
        const said = origin.commandOnData('backup', '--to', file);
        assert.equal(said.status, 0, said.err);
        const refused = restore(other, origin, file);
        assert.notEqual(refused.status, 0);
        assert.match(refused.err, /other engine.*probity export/s);
        assert.ok(!existsSync(other.data));
      } finally {
        await origin.stop();
        await other.stop();
      }
    });
});
