// A tenant with real surveys moves: exported, imported into an empty server of either engine,
// counted the same there, and exported again with the same content.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import {
  type Engine, engines, goodPassword, type Member, Probity, sharedFolder,
} from '../support/probity.ts';
import { ferrySheet } from '../support/sheet.ts';

const starWars = join(sharedFolder, 'data', 'surveys', 'star-wars', 'StarWars.csv.gz');
const sources = ['ferry', 'star-wars'] as const;
type Source = (typeof sources)[number];

const skipOf = (source: Source): string | false =>
  source === 'star-wars' && !existsSync(starWars) && 'the data sets are not beside the checkout';

const sheetOf = (source: Source): { bytes: Buffer; rows: number } =>
  source === 'ferry' ? ferrySheet() : { bytes: gunzipSync(readFileSync(starWars)), rows: 1186 };

const reportOf = async (member: Member, id: string): Promise<any> => {
  const { generated_at: _, ...report } =
    (await member.must(200, 'GET', `/api/v1/surveys/${id}/report`)).json;
  return report;
};

/** Table -> rows and hash of its content, as the manifest in an archive has them. */
const contentOf = (archive: string): Record<string, unknown> => {
  const said = spawnSync('tar', ['-xzOf', archive, 'manifest.json'], { encoding: 'utf8' });
  assert.equal(said.status, 0, said.stderr);
  const { tables } = JSON.parse(said.stdout);
  // The audit log is carried for reading; the new server has one of its own.
  const imported = Object.entries<any>(tables).filter(([, table]) => table.imported !== false);
  assert.ok(imported.length >= 4, said.stdout);
  return Object.fromEntries(imported);
};

/** A tenant with one imported survey, and a second one answered over the public interface. */
class Origin {
  readonly surveys: { id: string; token: string; report: any }[] = [];
  archive = '';
  /** Address of a link to a report. */
  shared = '';

  private constructor(readonly probity: Probity, readonly owner: Member) {}

  static async make(engine: Engine, source: Source): Promise<Origin> {
    const probity = await Probity.start({ engine });
    const origin = new Origin(probity, await probity.begin());
    await origin.fill(source);
    return origin;
  }

  private async fill(source: Source): Promise<void> {
    const { bytes, rows } = sheetOf(source);
    const path = `/api/v1/surveys/import?title=${source}&header_rows=2`;
    const headers = { 'content-type': 'text/csv' };
    const got = await this.owner.ask('POST', path, { body: bytes, headers });
    assert.equal(got.status, 201, got.text);
    assert.equal(got.json.imported, rows);
    const { id } = got.json.survey;
    const { questionnaire } = (await this.owner.must(200, 'GET', `/api/v1/surveys/${id}`)).json;
    const twin = await this.owner.survey(questionnaire);
    const waiting = await this.owner.every(`/api/v1/surveys/${id}/responses`);
    const send = async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const sent = await this.probity.ask('POST', `/api/v1/public/${twin.token}/responses`, {
          body: { answers: one.answers },
        });
        assert.equal(sent.status, 201, sent.text);
      }
    };
    await Promise.all(Array.from({ length: 16 }, send));
    for (const { id: each, token } of [{ id, token: '' }, twin])
      this.surveys.push({ id: each, token, report: await reportOf(this.owner, each) });
    const links = `/api/v1/surveys/${id}/report/links`;
    this.shared = (await this.owner.must(201, 'POST', links, { expires_in_hours: 24 })).json.path;
    assert.equal((await this.probity.ask('GET', this.shared)).status, 200);
  }

  /** The archive as a member gets it over the interface. */
  async download(): Promise<string> {
    const { id } = (await this.owner.must(202, 'POST', '/api/v1/export')).json.job;
    const got = await this.owner.must(200, 'GET', `/api/v1/export/${id}/archive`);
    const file = join(this.probity.folder, 'downloaded.tar.gz');
    writeFileSync(file, got.bytes);
    return file;
  }
}

/** The archive as the operator gets it. */
const exportOf = (probity: Probity, name: string): string => {
  const file = join(probity.folder, name);
  const said = probity.commandOnData('export', '--tenant', 'main', '--out', file);
  assert.equal(said.status, 0, said.err);
  return file;
};

for (const source of sources)
  for (const from of engines)
    describe(`${source} moves from ${from}`, { skip: skipOf(source) }, () => {
      let origin: Origin;
      let archive: string;

      before(async () => {
        origin = await Origin.make(from, source);
        archive = exportOf(origin.probity, 'exported.tar.gz');
      });
      after(() => origin?.probity.stop());

      test('imported at once and submitted one by one are counted alike', () => {
        const [whole, single] = origin.surveys.map(({ report }) => report);
        assert.equal(whole.responses, sheetOf(source).rows);
        assert.equal(single.responses, whole.responses);
        assert.deepEqual(single.questions, whole.questions);
      });

      if (source === 'ferry') {
        test('the report is what the sheet was made of', () => {
          const { counts } = ferrySheet();
          for (const [title, expected] of counts) {
            const question = origin.surveys[0]?.report.questions
              .find((one: any) => one.title === title);
            assert.deepEqual(question?.counts, expected, title);
          }
        });
      }

      test('a member downloads the content the operator exports', async () => {
        const downloaded = await origin.download();
        assert.deepEqual(contentOf(downloaded), contentOf(archive));
      });

      for (const to of engines)
        test(`to ${to}: the same reports, links and content`, async (t) => {
          const probity = await Probity.start({ engine: to });
          try {
            const said = probity.commandAsOwner('import', archive);
            assert.equal(said.status, 0, said.err);
            const content = contentOf(archive);
            assert.deepEqual(contentOf(exportOf(probity, 'again.tar.gz')), content);
            await probity.serve();
            const setupToken = /\/setup\/(\S+)/.exec(said.out)?.[1] ?? '';
            const tenant = { slug: 'main', owner: origin.owner.me.user.email, setupToken };
            const owner = await probity.setUp(tenant, goodPassword);
            for (const { id, token, report } of origin.surveys) {
              assert.deepEqual(await reportOf(owner, id), report);
              if (token === '') continue;
              assert.equal((await probity.ask('GET', `/api/v1/public/${token}`)).status, 200);
            }
            // Only its hash under the old keys was stored; the command says so.
            assert.match(said.out, /links to reports stay behind/);
            assert.equal((await probity.ask('GET', origin.shared)).status, 404);
            const links = await owner.must(200, 'GET',
              `/api/v1/surveys/${origin.surveys[0]?.id}/report/links`);
            assert.deepEqual(links.json.items, []);
            assert.notEqual(probity.commandAsOwner('import', archive).status, 0, 'twice');
            t.diagnostic(`${Object.keys(content).length} tables, ` +
              `${origin.surveys.length * sheetOf(source).rows} responses`);
          } finally {
            await probity.stop();
          }
        });
    });
