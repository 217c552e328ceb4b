// What is acknowledged survives: kills, power cuts and failing disks under 64 submitting clients.
// Apart from: form, report, picture, attest.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { isDeep, quickOrDeep, Random } from '../support/deep.ts';
import {
  type Engine, engines, goodPassword, type Member, Probity, sampleAnswers, sampleQuestionnaire,
} from '../support/probity.ts';

const connections = 64;
const random = new Random();

interface Sent {
  readonly key: string;
  /** The only answer text of this submission; finds it again in the list. */
  readonly marker: string;
  /** Present once the server acknowledged. */
  receipt?: string;
}

/** One round: a survey of its own, what was sent, and the bookkeeping the server acknowledged. */
class Round {
  readonly sent: Sent[] = [];
  readonly tokens: string[] = [];
  readonly refusals = new Map<number, number>();
  private isOver = false;

  private constructor(
    readonly owner: Member,
    readonly survey: { id: string; token: string },
    readonly name: string,
  ) {}

  static async open(owner: Member, name: string): Promise<Round> {
    return new Round(owner, await owner.survey(sampleQuestionnaire), name);
  }

  get acknowledged(): Sent[] {
    return this.sent.filter((one) => one.receipt !== undefined);
  }

  submit(one: Sent) {
    return this.owner.probity.ask('POST', `/api/v1/public/${this.survey.token}/responses`, {
      body: { answers: { ...sampleAnswers, words: one.marker } },
      headers: { 'idempotency-key': one.key },
    });
  }

  /** Submits from every connection until `stop`, or until the server is gone. */
  async storm(): Promise<void> {
    const clients = Array.from({ length: connections }, (_, index) => this.client(index));
    await Promise.all([...clients, this.bookkeeper()]);
  }

  stop(): void {
    this.isOver = true;
  }

  private async client(index: number): Promise<void> {
    for (let i = 0; !this.isOver; ++i) {
      const name = `${this.name}-${index}-${i}`;
      const one: Sent = { key: name, marker: `marker ${name}` };
      this.sent.push(one);
      try {
        const got = await this.submit(one);
        if (got.status === 201) one.receipt = got.json.receipt;
        else this.refusals.set(got.status, (this.refusals.get(got.status) ?? 0) + 1);
        if (got.status >= 500) await pause(20);
      } catch {
        return;
      }
    }
  }

  private async bookkeeper(): Promise<void> {
    for (let i = 0; !this.isOver; ++i) {
      const name = `token ${this.name} ${i}`;
      try {
        const body = { name, scopes: ['surveys.read'] };
        const got = await this.owner.ask('POST', '/api/v1/tokens', { body });
        if (got.status === 201) this.tokens.push(name);
        await pause(random.between(1, 20));
      } catch {
        return;
      }
    }
  }

  /** How often each marker is stored. */
  async stored(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    const items = await this.owner.every(`/api/v1/surveys/${this.survey.id}/responses`);
    for (const item of items) {
      const marker = item.answers.words;
      counts.set(marker, (counts.get(marker) ?? 0) + 1);
    }
    return counts;
  }

  /** Compares what is stored with what was acknowledged. */
  async inspect(tally: Tally): Promise<void> {
    const counts = await this.stored();
    tally.acknowledged += this.acknowledged.length;
    for (const one of this.acknowledged)
      if (!counts.has(one.marker)) tally.lost.push(one.key);
    for (const [marker, count] of counts) if (count > 1) tally.doubled.push(marker);
    const names = (await this.owner.every('/api/v1/tokens')).map((item) => item.name);
    tally.bookkept += this.tokens.length;
    for (const name of this.tokens) if (!names.includes(name)) tally.lost.push(name);
  }

  /** Sends every key again: replays give the receipt that was told, and nothing doubles. */
  async replay(tally: Tally): Promise<void> {
    const waiting = [...this.sent];
    const worker = async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const got = await this.submit(one);
        assert.equal(got.status, 201, `${one.key}: ${got.text}`);
        if (one.receipt === undefined) continue;
        assert.equal(got.json.receipt, one.receipt, one.key);
        assert.equal(got.headers['idempotency-replayed'], 'true', one.key);
        ++tally.replayed;
      }
    };
    await Promise.all(Array.from({ length: connections }, worker));
    const counts = await this.stored();
    assert.equal(counts.size, this.sent.length);
    for (const [marker, count] of counts) if (count > 1) tally.doubled.push(marker);
  }

  /** Every acknowledged response is there once and none twice, now and after sending all again. */
  async settle(tally: Tally): Promise<void> {
    await this.inspect(tally);
    tally.mustBeClean();
    await this.replay(tally);
    tally.mustBeClean();
  }
}

/** What the rounds of one drill found; its text is the drill's figures. */
class Tally {
  acknowledged = 0;
  /** Changes by a member that were acknowledged beside the responses. */
  bookkept = 0;
  replayed = 0;
  readonly lost: string[] = [];
  readonly doubled: string[] = [];
  private readonly began = performance.now();

  mustBeClean(): void {
    assert.deepEqual(this.lost.slice(0, 5), [], `acknowledged and lost: ${this}`);
    assert.deepEqual(this.doubled.slice(0, 5), [], `there twice: ${this}`);
  }

  toString(): string {
    const seconds = ((performance.now() - this.began) / 1000).toFixed(1);
    return `${this.acknowledged} + ${this.bookkept} acknowledged, ${this.lost.length} lost, ` +
      `${this.doubled.length} doubled, ${this.replayed} replayed, ${seconds} s, ` +
      `seed ${random.seed}`;
  }
}

/** A storm interrupted at a random moment, by whatever `interrupt` does. */
const interruptedStorm = async (round: Round, interrupt: () => Promise<unknown>) => {
  const storm = round.storm();
  await pause(random.between(120, 700));
  await interrupt();
  round.stop();
  await storm;
};

const kill = async (probity: Probity) => {
  // The clients read to the end what the server had sent before it died.
  const { pid } = probity;
  process.kill(pid, 'SIGKILL');
  await pause(20);
  await probity.end('SIGKILL');
};

const planned = (...faults: string[]): string[] =>
  faults.flatMap((fault) => ['--test-fault', fault]);

const killRounds = async (probity: Probity, owner: Member, rounds: number, faults: string[]) => {
  const tally = new Tally();
  for (let i = 0; i < rounds; ++i) {
    const round = await Round.open(owner, `${faults.length}.${i}`);
    await interruptedStorm(round, () => kill(probity));
    await probity.serve(...faults);
    await round.settle(tally);
  }
  assert.ok(tally.acknowledged > rounds, `hardly any acknowledgements: ${tally}`);
  const said = probity.commandOnData('verify', '--audit');
  assert.equal(said.status, 0, said.out + said.err);
  return tally;
};

const rounds: Record<Engine, number> = {
  sqlcipher: quickOrDeep(12, 100),
  postgres: quickOrDeep(5, 30),
};

for (const engine of engines) {
  describe(`kills on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
    });
    after(() => probity?.stop());

    test(`${rounds[engine]} kills lose and double nothing`, async (t) => {
      t.diagnostic(`${await killRounds(probity, owner, rounds[engine], [])}`);
    });

    if (engine === 'sqlcipher') {
      const cuts = quickOrDeep(8, 30);
      test(`${cuts} power cuts, with what was not synced gone, lose nothing`, async (t) => {
        const faults = planned('drop_unsynced');
        await probity.end();
        await probity.serve(...faults);
        t.diagnostic(`${await killRounds(probity, owner, cuts, faults)}`);
        await probity.end();
        await probity.serve();
      });
    }

    if (engine === 'postgres') {
      const stops = quickOrDeep(1, 10);
      test(`${stops} immediate stops of PostgreSQL lose and double nothing`, async (t) => {
        const tally = new Tally();
        for (let i = 0; i < stops; ++i) {
          const round = await Round.open(owner, `stop.${i}`);
          await interruptedStorm(round, () => probity.cluster?.crashAndRestart() ?? pause(0));
          assert.ok(round.acknowledged.length > 0);
          await probity.until('the database is back', async () => {
            const got = await owner.ask('GET', '/api/v1/surveys');
            return got.status === 200;
          }, 30_000);
          await round.settle(tally);
        }
        t.diagnostic(`${tally}`);
      });
    }
  });
}

/** A power cut of a server that acknowledges before its log is on disk; whether it was noticed. */
const lyingRound = async (tally: Tally): Promise<boolean> => {
  const probity = await Probity.start();
  try {
    const owner = await probity.begin();
    const round = await Round.open(owner, 'lie');
    await probity.end();
    await probity.serve(...planned('drop_unsynced', 'pretend_log_syncs'));
    await interruptedStorm(round, () => kill(probity));
    assert.ok(round.acknowledged.length > 0, 'nothing was acknowledged, so nothing can be lost');
    const before = tally.lost.length;
    try {
      await probity.serve();
      await round.inspect(tally);
    } catch {
      // A cut in the middle of a checkpoint leaves a file that does not open: noticed as well.
      return true;
    }
    return tally.lost.length > before;
  } finally {
    await probity.stop();
  }
};

// A checkpoint saves what a pretended sync did not, and there are many in a second: one cut may
// fall just behind one, which is why the drill makes many cuts and so does its control.
describe('the control of the power cuts', () => {
  const cuts = quickOrDeep(12, 30);
  test(`${cuts} power cuts notice a server that acknowledges before the sync`, async (t) => {
    const tally = new Tally();
    let made = 0;
    let noticed = 0;
    while (made < cuts && (isDeep || noticed === 0)) {
      ++made;
      if (await lyingRound(tally)) ++noticed;
    }
    t.diagnostic(`noticed in ${noticed} of ${made} cuts: ${tally}`);
    assert.ok(noticed > 0 && tally.lost.length > 0, `${tally}`);
  });
});

/** Every k-th write fails, half written or not at all, or every k-th sync; deep tries many k. */
const kthWrites = isDeep ? [3, 5, 7, 11, 13, 29, 47, 101, 301, 1009, 3001] : [7, 301];
const kthSyncs = isDeep ? [2, 3, 4, 5, 7, 11, 13, 29, 47, 101] : [3];
const failing = [
  ...kthWrites.map((k) => `fail_write=${k}`), ...kthSyncs.map((k) => `fail_sync=${k}`),
];

describe('a failing disk', () => {
  let probity: Probity;
  let owner: Member;

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin();
  });
  after(() => probity?.stop());

  for (const fault of failing) {
    test(`${fault}: errors, and never a false acknowledgement`, async (t) => {
      const tally = new Tally();
      const round = await Round.open(owner, fault);
      await probity.end();
      await probity.serve(...planned(fault));
      const told = probity.log.length;
      // A failing commit log is answered by committing to the file: then only the log tells of it.
      const isMet = () => round.refusals.size > 0 ||
        /"(commit_log|group|checkpoint)_failed"/.test(probity.log.slice(told));
      await interruptedStorm(round, async () => {
        await pause(quickOrDeep(800, 3000));
        for (let i = 0; i < 60 && !isMet(); ++i) await pause(250);
      });
      assert.ok(isMet(), 'the fault was never met');
      const failures = [...round.refusals.keys()];
      for (const status of failures) assert.ok([503, 507].includes(status), `${status}`);
      await probity.end('SIGKILL');
      await probity.serve();
      await round.settle(tally);
      t.diagnostic(`of ${round.sent.length} sent ${tally}`);
    });
  }

  test('below the low-water mark nothing is accepted, people still get in and out', async () => {
    const { id, token } = await owner.survey(sampleQuestionnaire);
    const send = () => probity.ask('POST', `/api/v1/public/${token}/responses`, {
      body: { answers: sampleAnswers },
    });
    assert.equal((await send()).status, 201);
    await probity.end();
    await probity.serve('--test-fault', 'free_bytes=1000');
    const refused = await send();
    assert.equal(refused.status, 507, refused.text);
    assert.equal(refused.json.code, 'storage_full');
    const guest = await probity.logIn('main', owner.me.user.email, goodPassword);
    const exported = await guest.must(200, 'GET', `/api/v1/surveys/${id}/export.jsonl`);
    assert.match(exported.text, /Clear and calm throughout/);
    await guest.must(200, 'GET', `/api/v1/surveys/${id}/responses`);
    await guest.must(204, 'POST', '/api/v1/logout');
    assert.equal((await guest.ask('GET', '/api/v1/me')).status, 401);
    await probity.end();
    await probity.serve();
    assert.equal((await send()).status, 201);
    const report = await owner.must(200, 'GET', `/api/v1/surveys/${id}/report`);
    assert.equal(report.json.responses, 2);
  });
});

