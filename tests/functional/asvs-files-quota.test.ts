// ASVS V5.2.4: nobody fills the storage alone. How many files a member may store, how many bytes.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import {
  type Answer, engines, goodPassword, type Member, Probity, root, type Tenant,
} from '../support/probity.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe'
  + '/AAAAABJRU5ErkJggg==', 'base64');
const table = 'Colour,Count\nred,1\nblue,2\n';
const filesMost = 6;
const bytesMost = 4_000;

/** A questionnaire of exactly so many bytes. */
const document = (bytes: number): string => {
  const whole = (title: string) =>
    JSON.stringify({ elements: [{ type: 'text', name: 'q', title }] });
  return whole('t'.repeat(bytes - whole('').length));
};

const create = (who: Member, bytes: number): Promise<Answer> => who.ask(
  'POST', '/api/v1/surveys',
  { body: document(bytes), headers: { 'content-type': 'application/json' } });
const put = (who: Member, id: string, bytes: number): Promise<Answer> => who.ask(
  'PUT', `/api/v1/surveys/${id}`,
  { body: document(bytes), headers: { 'content-type': 'application/json' } });
const send = (who: Member, body: string | Buffer, query = '', coding = ''): Promise<Answer> =>
  who.ask('POST', `/api/v1/surveys/import${query}`, {
    body: Buffer.from(body as string),
    headers: { 'content-type': 'text/csv', ...(coding && { 'content-encoding': coding }) },
  });
const surveys = async (who: Member): Promise<any[]> => who.every('/api/v1/surveys');
/** Deletes all surveys and lets the sweep erase what they held. */
const clear = async (who: Member): Promise<void> => {
  for (const { id } of await surveys(who)) await who.must(204, 'DELETE', `/api/v1/surveys/${id}`);
  await who.probity.advance(120);
};
const storage = async (who: Member) => (await who.must(200, 'GET', '/api/v1/me/storage')).json;
const used = async (who: Member): Promise<[number, number]> => {
  const { files, bytes } = (await storage(who)).used;
  return [files, bytes];
};
const checkRefused = (got: Answer, field: 'files' | 'bytes'): void => {
  assert.equal(got.status, 422, got.text);
  assert.equal(got.json.code, 'quota_exceeded');
  assert.equal(got.json.errors[0].field, `uploads.member_max_${field}`);
  assert.match(got.json.errors[0].reason, new RegExp(`You store \\d+ ${field} and may store \\d+`));
  assert.match(got.json.errors[0].reason, /Delete surveys .* uploads\.member_max_/);
};

for (const engine of engines)
  describe(`What one member may store on ${engine}`, () => {
    let probity: Probity;
    let owner: Member;
    let tenant: Tenant;

    before(async () => {
      probity = await Probity.start({ engine });
      const config = join(probity.folder, 'probity.toml');
      writeFileSync(config, '[uploads]\n'
        + `member_max_files = ${filesMost}\nmember_max_bytes = ${bytesMost}\n`);
      tenant = probity.init('main');
      await probity.serve('--config', config);
      owner = await probity.setUp(tenant, goodPassword);
    });
    after(() => probity?.stop());

    test('is so many files, and a deleted survey makes room at once', async () => {
      await clear(owner);
      for (let i = 0; i < filesMost; ++i)
        assert.equal((await create(owner, 100)).status, 201, `${i} are below the bound`);
      assert.deepEqual(await used(owner), [filesMost, 100 * filesMost]);
      checkRefused(await create(owner, 100), 'files');
      checkRefused(await send(owner, table), 'files');
      checkRefused(await send(owner, table, '?dry_run=true'), 'files');
      const [first] = await surveys(owner);
      checkRefused(await owner.ask('POST', `/api/v1/surveys/${first.id}/duplicate`), 'files');
      checkRefused(await owner.ask('PUT', `/api/v1/surveys/${first.id}/logo`, {
        body: png, headers: { 'content-type': 'image/png' },
      }), 'files');
      assert.equal((await owner.ask('GET', `/api/v1/surveys/${first.id}/logo`)).status, 404);
      assert.equal((await surveys(owner)).length, filesMost);
      assert.deepEqual(await used(owner), [filesMost, 100 * filesMost]);
      await owner.must(204, 'DELETE', `/api/v1/surveys/${first.id}`);
      assert.deepEqual(await used(owner), [filesMost - 1, 100 * (filesMost - 1)]);
      assert.equal((await create(owner, 100)).status, 201);
    });

    test('is so many bytes, to the last one', async () => {
      await clear(owner);
      const { id } = (await create(owner, 1_000)).json;
      checkRefused(await create(owner, bytesMost - 999), 'bytes');
      assert.equal((await create(owner, bytesMost - 1_000)).status, 201);
      assert.deepEqual(await used(owner), [2, bytesMost]);
      assert.equal((await put(owner, id, 1_000)).status, 200);
      checkRefused(await put(owner, id, 1_001), 'bytes');
      assert.equal((await put(owner, id, 999)).status, 200);
      assert.deepEqual(await used(owner), [2, bytesMost - 1]);
      checkRefused(await create(owner, 100), 'bytes');
    });

    test('holds for what is packed by what it unpacks to, and nothing is half stored', async () => {
      await clear(owner);
      const large = `${table}${'green,3\n'.repeat(bytesMost / 8)}`;
      const packed = gzipSync(large);
      assert.ok(packed.length < 200);
      for (const query of ['', '?dry_run=true']) {
        checkRefused(await send(owner, packed, query, 'gzip'), 'bytes');
        checkRefused(await send(owner, large, query), 'bytes');
      }
      assert.deepEqual(await surveys(owner), []);
      assert.deepEqual(await used(owner), [0, 0]);
      assert.equal((await send(owner, gzipSync(table), '', 'gzip')).status, 201);
      const [files, bytes] = await used(owner);
      assert.equal(files, 2);
      assert.ok(bytes > table.length);
    });

    test('counts the rows of a table where they take more than the file', async () => {
      await clear(owner);
      const rows = 10;
      const short = `Q\n${'1\n'.repeat(rows)}`;
      assert.equal((await send(owner, short)).status, 201);
      const [, bytes] = await used(owner);
      assert.ok(bytes > 100 * rows, `${bytes}`);
      const many = `Q\n${'1\n'.repeat(bytesMost / 100)}`;
      assert.ok(many.length < bytesMost / 10);
      for (const query of ['?dry_run=true', ''])
        checkRefused(await send(owner, many, query), 'bytes');
      assert.equal((await surveys(owner)).length, 1);
    });

    test('counts a deleted table until its responses are erased', async () => {
      await clear(owner);
      assert.equal((await send(owner, table)).status, 201);
      const [{ id }] = await surveys(owner);
      const [files, bytes] = await used(owner);
      await owner.must(204, 'DELETE', `/api/v1/surveys/${id}`);
      const [left, leftBytes] = await used(owner);
      assert.equal(left, files - 1, 'the questionnaire is given back at once');
      assert.ok(leftBytes > 0 && leftBytes < bytes);
      await probity.advance(120);
      assert.deepEqual(await used(owner), [0, 0]);
    });

    test('is counted for the maker of a token, and for each member alone', async () => {
      await clear(owner);
      const editor = await owner.colleague(`editor@${engine}.example`, 'editor');
      const scopes = ['surveys.read', 'surveys.edit'];
      const made = await owner.must(201, 'POST', '/api/v1/tokens', { name: 'robot', scopes });
      const bearer = made.json.token ?? made.json.secret;
      for (let i = 0; i < filesMost; ++i) {
        const got = await probity.ask('POST', '/api/v1/surveys', {
          bearer, body: document(100), headers: { 'content-type': 'application/json' },
        });
        assert.equal(got.status, 201, got.text);
      }
      checkRefused(await create(owner, 100), 'files');
      assert.deepEqual(await used(editor), [0, 0]);
      assert.equal((await create(editor, 100)).status, 201);
      // Who writes a draft last has it.
      const [first] = await surveys(owner);
      assert.equal((await put(editor, first.id, 200)).status, 200);
      assert.deepEqual(await used(editor), [2, 300]);
      assert.deepEqual(await used(owner), [filesMost - 1, 100 * (filesMost - 1)]);
    });

    test('is exact when many come at once', async () => {
      await clear(owner);
      const got = await Promise.all(Array.from({ length: 24 }, () => create(owner, 100)));
      const statuses = got.map(({ status }) => status);
      assert.equal(statuses.filter((status) => status === 201).length, filesMost, `${statuses}`);
      assert.equal(statuses.filter((status) => status === 422).length, 24 - filesMost);
      assert.deepEqual(await used(owner), [filesMost, 100 * filesMost]);
    });

    test('is in the audit log when it is refused', async () => {
      await clear(owner);
      checkRefused(await create(owner, bytesMost + 1), 'bytes');
      const log = await owner.must(200, 'GET', '/api/v1/audit?before=end&limit=5');
      const entry = log.json.items.find((one: any) => one.action === 'storage.refuse');
      assert.equal(entry?.outcome, 'refused:quota', log.text);
      assert.equal(entry.actor, owner.me.user.id);
    });

    test('moves with the archive of the tenant', { skip: engine !== 'sqlcipher' }, async () => {
      await clear(owner);
      assert.equal((await create(owner, 700)).status, 201);
      const file = join(probity.folder, 'main.tar.gz');
      const made = probity.commandOnData('export', '--tenant', 'main', '--out', file);
      assert.equal(made.status, 0, made.err);
      const other = await Probity.start({ engine });
      try {
        const taken = other.command('import', '--data', other.data, file);
        assert.equal(taken.status, 0, taken.err);
        const link = other.commandOnData('reset-link', '--tenant', 'main', '--owner', tenant.owner);
        const setupToken = /\/setup\/(\S+)/.exec(link.out)?.[1] ?? '';
        await other.serve();
        const moved = await other.setUp({ ...tenant, setupToken }, goodPassword);
        assert.deepEqual(await used(moved), [1, 700]);
        const { limit } = await storage(moved);
        assert.deepEqual(limit, { files: 10_000, bytes: 4 * 2 ** 30 });
      } finally {
        await other.stop();
      }
    });
  });

test('What one member may store is said to operators, administrators and editors', () => {
  const page = (name: string) =>
    readFileSync(join(root, 'docs', name), 'utf8').replace(/\s+/g, ' ');
  for (const name of ['for-operators.md', 'for-administrators.md', 'for-editors.md'])
    assert.ok(page(name).includes('10,000 files and 4 GiB'), name);
  assert.ok(page('for-operators.md').includes('uploads.member_max_bytes'));
});
