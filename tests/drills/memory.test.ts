// What a request carried is gone from the server's memory once it is answered (ASVS 11.7.2): words
// sent as answers, searches and passwords are looked for in every writable page of the process.
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { setTimeout as pause } from 'node:timers/promises';

import { Random } from '../support/deep.ts';
import { engines, type Member, Probity, sampleQuestionnaire } from '../support/probity.ts';

const random = new Random();
const family = random.word(12);
let serial = 0;
const canary = (): string => `${family}${random.word(6)}${++serial}`;

/** Writable memory of a process, region by region; regions that end meanwhile are left out. */
const memoryOf = function* (pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const region = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
      if (region === null) continue;
      const begin = Number.parseInt(region[1] ?? '', 16);
      const content = Buffer.alloc(Number.parseInt(region[2] ?? '', 16) - begin);
      try {
        yield content.subarray(0, readSync(memory, content, 0, content.length, begin));
      } catch {
        // Locked away from everybody, or given back.
      }
    }
  } finally {
    closeSync(memory);
  }
};

/** Every place where a word of the family stands, with what is around it. */
const placesIn = (pid: number): string[] => {
  const places: string[] = [];
  for (const content of memoryOf(pid)) {
    for (let at = content.indexOf(family); at >= 0; at = content.indexOf(family, at + 1))
      places.push(content.subarray(Math.max(0, at - 60), at + 60).toString('latin1'));
  }
  return places;
};

const mayLook = (): string | false => {
  try {
    closeSync(openSync('/proc/self/mem', 'r'));
    return process.getuid?.() === 0 ? false : 'only root may read the memory of another process';
  } catch {
    return 'there is no /proc/self/mem';
  }
};

const answers = () => ({ words: canary(), recommend: 7 });

for (const engine of engines) {
  describe(`memory after the answer, ${engine}`, { skip: mayLook() }, () => {
    let probity: Probity;
    let owner: Member;
    let survey: { id: string; token: string };

    before(async () => {
      probity = await Probity.start({ engine });
      owner = await probity.begin();
      survey = await owner.survey(sampleQuestionnaire, 'confidential');
    });
    after(() => probity.stop());

    const submit = async (body: unknown) => {
      const sent = await probity.ask('POST', `/api/v1/public/${survey.token}/responses`, { body });
      assert.equal(sent.status, 201, sent.text);
    };

    /** What is left once the last thread has put down what it held. */
    const left = async (): Promise<string[]> => {
      for (let round = 0; round < 10; ++round) {
        if (placesIn(probity.pid).length === 0) return [];
        await pause(300);
      }
      return placesIn(probity.pid);
    };

    test('a word that is being sent is found: the search works', async () => {
      const { port } = probity;
      const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      const word = canary();
      const head = `POST /api/v1/public/${survey.token}/responses HTTP/1.1\r\n` +
        `Host: 127.0.0.1:${port}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n';
      await new Promise<void>((done) => socket.once('secureConnect', () => done()));
      socket.write(`${head}{"answers":{"words":"${word}`);
      await probity.until('the word arrives', async () => placesIn(probity.pid).length > 0);
      socket.destroy();
      assert.deepEqual(await left(), []);
    });

    test('answers leave nothing', async () => {
      for (let i = 0; i < 5; ++i) await submit({ answers: answers() });
      assert.deepEqual(await left(), []);
    });

    test('answers that are refused leave nothing', async () => {
      const sent = await probity.ask('POST', `/api/v1/public/${survey.token}/responses`, {
        body: { answers: { [canary()]: canary() } },
      });
      assert.equal(sent.status, 422, sent.text);
      assert.deepEqual(await left(), []);
    });

    test('reading and reporting answers leaves nothing', async () => {
      const base = `/api/v1/surveys/${survey.id}`;
      for (const path of [`${base}/responses`, `${base}/report`, `${base}/export.csv`]) {
        const got = await owner.must(200, 'GET', path);
        assert.ok(path.endsWith('report') || got.text.includes(family), path);
      }
      assert.deepEqual(await left(), []);
    });

    test('passwords leave nothing', async () => {
      const password = `${canary()} ${canary()}`;
      await owner.colleague('second@main.example', 'editor', password);
      const wrong = { tenant: 'main', email: 'second@main.example', password: canary() };
      assert.equal((await probity.ask('POST', '/api/v1/login', { body: wrong })).status, 401);
      assert.deepEqual(await left(), []);
    });
  });
}
