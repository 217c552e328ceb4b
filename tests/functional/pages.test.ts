// The pages of a data file, checked by other means than those that wrote them: every page is
// encrypted first and then authenticated, and a page with any byte changed is refused.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createDecipheriv, createHmac, pbkdf2Sync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Probity, sampleAnswers, sampleQuestionnaire } from '../support/probity.ts';

const pageBytes = 4096;
const saltBytes = 16;
const vectorBytes = 16;
const tagBytes = 32;

const sized = (content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes.length);
  return Buffer.concat([size, bytes]);
};

/** The key of the system's file: in system.key, wrapped by the master key. */
const systemKey = (probity: Probity): Buffer => {
  const [, line = ''] = readFileSync(`${probity.data}.key`, 'utf8').split('\n');
  const master = Buffer.from(line.split(' ')[1] ?? '', 'hex');
  const wrapped = readFileSync(join(probity.data, 'store', 'system.key'));
  const number = Buffer.from([0, 0, 0, 1]);
  const owner = [sized('probity.store.key'), sized('file'), sized(Buffer.alloc(16)), number];
  const bound = Buffer.concat([Buffer.from('probity.wrapped.1'), sized(Buffer.concat(owner))]);
  const open = createDecipheriv('aes-256-gcm', master, wrapped.subarray(4, 16));
  open.setAAD(bound);
  open.setAuthTag(wrapped.subarray(48));
  return Buffer.concat([open.update(wrapped.subarray(16, 48)), open.final()]);
};

/** The ways a page's tag could have been made. */
const tagsOf = (file: Buffer, key: Buffer, number: number) => {
  const page = file.subarray(number * pageBytes, (number + 1) * pageBytes);
  const start = number === 0 ? saltBytes : 0;
  const end = pageBytes - vectorBytes - tagBytes;
  const sealed = page.subarray(start, end);
  const vector = page.subarray(end, end + vectorBytes);
  const open = createDecipheriv('aes-256-cbc', key, vector).setAutoPadding(false);
  const plain = Buffer.concat([open.update(sealed), open.final()]);
  const salt = Buffer.from(file.subarray(0, saltBytes).map((byte) => byte ^ 0x3a));
  const macKey = pbkdf2Sync(key, salt, 2, 32, 'sha512');
  const place = Buffer.alloc(4);
  place.writeUInt32LE(number + 1);
  const mac = (content: Buffer): string =>
    createHmac('sha256', macKey).update(content).update(vector).update(place).digest('hex');
  return {
    stored: page.subarray(end + vectorBytes).toString('hex'),
    overSealed: mac(sealed),
    overPlain: mac(plain),
    plain,
  };
};

/** Rows and hashes of everything an archive would bring elsewhere. */
const tablesOf = (archive: string): string => {
  const read = spawnSync('tar', ['-xzOf', archive, 'manifest.json'], { encoding: 'utf8' });
  assert.equal(read.status, 0, read.stderr);
  const tables = Object.entries<any>(JSON.parse(read.stdout).tables);
  return JSON.stringify(tables.filter(([, table]) => table.imported !== false));
};

describe('pages of the data files', () => {
  let probity: Probity;

  before(async () => {
    probity = await Probity.start({ engine: 'sqlcipher' });
    const owner = await probity.begin();
    const { token } = await owner.survey(sampleQuestionnaire);
    for (let i = 0; i < 50; ++i) {
      const sent = await probity.ask('POST', `/api/v1/public/${token}/responses`, {
        body: { answers: sampleAnswers },
      });
      assert.equal(sent.status, 201, sent.text);
    }
    // A server that ends leaves everything in the main files.
    assert.equal(await probity.end(), 0);
  });
  after(() => probity?.stop());

  test('are encrypted and then authenticated', (t) => {
    const key = systemKey(probity);
    const file = readFileSync(join(probity.data, 'store', 'system.db'));
    const pages = file.length / pageBytes;
    assert.ok(Number.isInteger(pages) && pages > 3, `${file.length} bytes`);
    for (let number = 0; number < pages; ++number) {
      const { stored, overSealed, overPlain, plain } = tagsOf(file, key, number);
      assert.equal(stored, overSealed, `page ${number + 1}`);
      assert.notEqual(stored, overPlain, `page ${number + 1}`);
      // That it really was opened: the first page goes on with the page size of the format.
      if (number === 0) assert.equal(plain.readUInt16BE(0), pageBytes);
    }
    t.diagnostic(`${pages} pages`);
  });

  test('with any byte changed are refused and nothing of them is used', (t) => {
    const folder = join(probity.data, 'store', 'tenants');
    const name = readdirSync(folder).find((one) => one.endsWith('.db')) ?? '';
    const path = join(folder, name);
    const exported = (called: string) => {
      const out = join(probity.folder, called);
      const said = probity.commandOnData('export', '--tenant', 'main', '--out', out);
      return { ...said, tables: said.status === 0 ? tablesOf(out) : '' };
    };
    const sound = exported('sound.tar.gz');
    assert.equal(sound.status, 0, sound.err);
    const whole = readFileSync(path);
    const within = [saltBytes, 2000, pageBytes - vectorBytes - tagBytes, pageBytes - tagBytes,
      pageBytes - 1];
    let refused = 0;
    for (let page = 0; page < whole.length / pageBytes; ++page) {
      const at = page * pageBytes + (within[page % within.length] ?? 0);
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      const got = exported(`page-${page}.tar.gz`);
      // A page that an export does not read changes nothing of it.
      if (got.status === 0) assert.equal(got.tables, sound.tables, `page ${page + 1}`);
      else ++refused;
    }
    writeFileSync(path, whole);
    assert.equal(exported('whole.tar.gz').tables, sound.tables);
    assert.ok(refused > 3, `${refused} refused`);
    t.diagnostic(`${refused} of ${whole.length / pageBytes} pages noticed`);
  });
});
