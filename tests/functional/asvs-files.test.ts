// ASVS V5: files that people send are what they say, stay within bounds and name no place.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';

import { type Answer, type Member, Probity, root, sampleQuestionnaire } from
  '../support/probity.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe'
  + '/AAAAABJRU5ErkJggg==', 'base64');
const zip = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0'), Buffer.alloc(60, 7)]);
const table = 'Colour,Count\nred,1\nblue,2\n';

/** A gzip stream that carries a name of its file, as gzip writes it by default. */
const gzipNamed = (name: string, content: string): Buffer => {
  const packed = gzipSync(content);
  const head = Buffer.from(packed.subarray(0, 10));
  head[3] = 8;
  return Buffer.concat([head, Buffer.from(`${name}\0`), packed.subarray(10)]);
};

/** The archive with its first member changed, and the sum of its header made right again. */
const withMember = (archive: Buffer, change: (header: Buffer) => void): Buffer => {
  const tar = gunzipSync(archive);
  const header = tar.subarray(0, 512);
  change(header);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return gzipSync(tar);
};

/** Every file below a folder, but for what a running store adds. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile()).sort();

describe('Files that people send', () => {
  let probity: Probity;
  let owner: Member;

  before(async () => {
    probity = await Probity.start();
    owner = await probity.begin();
  });
  after(() => probity?.stop());

  const send = async (name: string, file: string | Buffer): Promise<Answer> => {
    const form = new FormData();
    form.append('file', new Blob([file as any]), name);
    const packed = new Response(form);
    return owner.ask('POST', '/api/v1/surveys/import', {
      body: Buffer.from(await packed.arrayBuffer()),
      headers: { 'content-type': packed.headers.get('content-type') ?? '' },
    });
  };
  const surveys = async () => (await owner.every('/api/v1/surveys')).length;

  test('are taken by their ending and their content, and refused where these differ', async () => {
    const before = await surveys();
    const wrong: [string, string | Buffer][] = [
      ['a.csv', png], ['a.csv', zip], ['a.csv', '\x7fELF\x02\x01\x01\0'], ['a.csv', 'MZ\0\x03'],
      ['a.csv', gzipSync(zip)], ['a.csv.gz', table], ['a.json.gz', gzipSync(table)],
      ['a.json', table], ['a.json', png], ['a.json', '<document/>'], ['a.lss', table],
      ['a.lss', '{}'], ['a.lss', png], ['a.lss', '<html/>'],
    ];
    for (const [name, file] of wrong)
      assert.equal((await send(name, file)).status, 400, `${name} ${String(file).slice(0, 9)}`);
    for (const name of ['a.exe', 'a.xlsx', 'a.html', 'a.svg', 'a', 'a.csv.exe', 'csv', 'a.zip'])
      assert.equal((await send(name, table)).status, 415, name);
    const { json } = await owner.must(201, 'POST', '/api/v1/surveys', sampleQuestionnaire);
    const place = `/api/v1/surveys/${json.id}/logo`;
    const headers = { 'content-type': 'image/png' };
    for (const body of [zip, Buffer.from('GIF89a'), Buffer.from('<svg/>'), png.subarray(0, 40)]) {
      const got = await owner.ask('PUT', place, { body, headers });
      assert.ok([400, 415].includes(got.status), got.text);
    }
    // Its content says what it is, whatever the request says.
    const odd = { 'content-type': 'text/html' };
    const put = await owner.ask('PUT', place, { body: png, headers: odd });
    assert.equal(put.status, 200, put.text);
    const got = await owner.must(200, 'GET', place);
    assert.equal(got.headers['content-type'], 'image/png');
    assert.match(String(got.headers['content-security-policy']), /sandbox/);
    assert.equal(await surveys(), before + 1);
    for (const [name, file] of [['a.csv', table], ['a.tsv', 'a\tb\n1\t2\n'], ['a.txt', table],
      ['a.csv.gz', gzipSync(table)], ['a.json', JSON.stringify(sampleQuestionnaire)]] as const)
      assert.equal((await send(name, file)).status, 201, name);
  });

  test('choose no place by their names', async () => {
    const known = filesIn(probity.folder);
    const names = ['../../../escaped.csv', '/tmp/escaped.csv', '..\\..\\escaped.csv',
      'escaped\0.csv', 'file:///escaped.csv', 'https://escaped.example/a.csv',
      '%2e%2e%2fescaped.csv', 'escaped.csv;x=".csv'];
    for (const name of names) {
      const got = await send(name, table);
      assert.ok([201, 400, 415].includes(got.status), `${name}: ${got.status}`);
      assert.doesNotMatch(got.text, /escaped/, name);
      const packed = await send('a.csv.gz', gzipNamed(name.replace('\0', ''), table));
      assert.equal(packed.status, 201, packed.text);
      assert.doesNotMatch(packed.text, /escaped/);
    }
    const added = filesIn(probity.folder).filter((name) => !known.includes(name));
    assert.deepEqual(added.filter((name) =>
      !/^data\/store\/(tenants\/)?[\w-]+(\.\w+)?(-wal|-shm|-journal)?$/.test(name)), []);
    for (const path of ['/s/x/logo/..%2f..%2fdata.key', '/assets/pages/..%2f..%2fdata.key',
      '/console/assets/..%2findex.html', '/assets/pages/%2fetc%2fpasswd']) {
      const got = await owner.ask('GET', path);
      assert.ok([400, 404].includes(got.status), `${path}: ${got.status}`);
    }
  });

  test('come back under names that the program made safe, whatever is asked', async () => {
    const { id, token } = await owner.survey({
      ...sampleQuestionnaire, title: 'a"; filename="wicked.html"\r\nx: y ../é\u202e',
    });
    for (let i = 0; i < 6; ++i)
      await probity.ask('POST', `/api/v1/public/${token}/responses`,
        { body: { answers: { recommend: 9 } } });
    const job = (await owner.must(202, 'POST', '/api/v1/export')).json.job.id;
    const path = `/api/v1/surveys/${id}`;
    const downloads = [[`${path}/export.csv`, 'csv'], [`${path}/export.jsonl`, 'jsonl'],
      [`${path}/report.pdf`, 'pdf'], [`${path}/report.xlsx`, 'xlsx'],
      [`/api/v1/export/${job}/archive`, 'tar.gz']] as const;
    for (const [address, ending] of downloads) {
      const got = await owner.ask('GET', `${address}?filename=evil.html&name=evil&title=evil`);
      assert.equal(got.status, 200, got.text.slice(0, 200));
      const said = String(got.headers['content-disposition']);
      const own = new RegExp('^attachment; filename="[a-z0-9_-]+\\.' + ending.replace('.', '\\.') +
        `"(; filename\\*=UTF-8''[A-Za-z0-9-]+(%[0-9A-F]{2})+-\\w+\\.${ending})?$`);
      assert.match(said, own);
      assert.doesNotMatch(said, /evil|wicked\.|%E2%80%AE|\.\./);
      if (address.startsWith(path)) assert.match(said, /"a-filename-wicked-html-x-y-e-/);
    }
  });

  test('of an archive are regular and stay where they belong, or all of it is refused', () => {
    const file = join(probity.folder, 'main.tar.gz');
    const made = probity.commandOnData('export', '--tenant', 'main', '--out', file);
    assert.equal(made.status, 0, made.err);
    const whole = readFileSync(file);
    const changes: [string, (header: Buffer) => void][] = [
      ['a symbolic link', (header) => { header.write('2/etc/passwd', 156); }],
      ['a hard link', (header) => { header.write('1x', 156); }],
      ['a device', (header) => { header.write('3', 156); }],
      ['a folder', (header) => { header.write('5', 156); }],
      ['a way up', (header) => { header.fill(0, 0, 100); header.write('../escaped', 0); }],
      ['a place', (header) => { header.fill(0, 0, 100); header.write('/tmp/escaped', 0); }],
      ['a name of its own', (header) => { header.fill(0, 0, 100); header.write('escaped', 0); }],
    ];
    for (const [what, change] of changes) {
      const bent = join(probity.folder, 'bent.tar.gz');
      writeFileSync(bent, withMember(whole, change));
      const other = join(probity.folder, 'other');
      const said = probity.command('import', '--data', other, bent);
      assert.equal(said.status, 1, `${what}: ${said.out}`);
      assert.deepEqual(filesIn(probity.folder).filter((name) => /escaped/.test(name)), [], what);
    }
    const right = join(probity.folder, 'right');
    writeFileSync(join(probity.folder, 'same.tar.gz'), withMember(whole, () => {}));
    const same = probity.command('import', '--data', right, join(probity.folder, 'same.tar.gz'));
    assert.equal(same.status, 0, same.err);
  });

  test('have the bounds that the documentation names', () => {
    const page = readFileSync(join(root, 'docs/for-editors.md'), 'utf8');
    const section = /### Files that are taken\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
    const limits = ['src/feature/survey/limits.hpp', 'src/form/limits.hpp']
      .map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
    const limit = (name: string): number => {
      const found = new RegExp(`\\b${name} = ([^;]+);`).exec(limits)?.[1];
      assert.ok(found !== undefined, name);
      return found.replaceAll(/[^\d*]/g, '').split('*').reduce((all, n) => all * Number(n), 1);
    };
    const number = (name: string) => limit(name).toLocaleString('en');
    for (const words of [
      `${limit('k_import_max_bytes') / 2 ** 20} MiB; ${number('k_import_columns_max')} columns, ` +
        `${number('k_import_rows_max')} rows, ${number('k_import_cell_max_bytes')} bytes in a cell`,
      `\`.json\` | ${limit('k_document_max_bytes') / 2 ** 20} MiB`,
      `\`.lss\` | ${limit('k_lime_max_bytes') / 2 ** 20} MiB`,
      `${limit('k_logo_max_bytes') / 1024} KiB; ${number('k_logo_side_max_px')} pixels a side`,
    ]) assert.ok(section.includes(words), words);
    const source = readFileSync(join(root, 'src/feature/survey/import.cpp'), 'utf8');
    const endings = [...source.matchAll(/ends_with\("(\.\w+)"\)/g)].map(([, name = '']) => name);
    assert.ok(endings.length >= 7);
    for (const name of endings) assert.ok(section.includes(`\`${name}\``), name);
  });
});
