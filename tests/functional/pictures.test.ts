// Pictures of a report on a machine without fonts.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { type Member, Probity } from '../support/probity.ts';

const soups = 6;

describe('A server without fonts', () => {
  let folder: string;
  let probity: Probity;
  let owner: Member;
  let report: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'probity-fonts-'));
    const config = join(folder, 'fonts.conf');
    writeFileSync(config, `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
      <fontconfig><dir>${folder}</dir><cachedir>${folder}</cachedir></fontconfig>`);
    probity = await Probity.start({ env: { FONTCONFIG_FILE: config } });
    owner = await probity.begin();
    const { id, token } = await owner.survey({
      elements: [{ type: 'radiogroup', name: 'food', choices: ['Soup', 'Bread'] }],
    });
    for (let i = 0; i < soups; ++i) {
      const body = { answers: { food: 'Soup' } };
      const sent = await probity.ask('POST', `/api/v1/public/${token}/responses`, { body });
      assert.equal(sent.status, 201, sent.text);
    }
    report = `/api/v1/surveys/${id}/report`;
  });
  after(async () => {
    await probity?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('says of PNG and PDF that they are not built, and who can help', async () => {
    for (const path of ['/pictures/food.png', '.pdf']) {
      const got = await owner.ask('GET', `${report}${path}`);
      assert.equal(got.status, 501, got.text);
      assert.equal(got.json.code, 'not_built');
      assert.match(got.json.detail, /no fonts.*operator installs the package/);
    }
  });

  test('makes the pictures and the workbook that need none', async () => {
    for (const [path, begins] of [['/pictures/food.svg', '<svg'], ['.xlsx', 'PK']] as const) {
      const got = await owner.ask('GET', `${report}${path}`);
      assert.equal(got.status, 200, got.text);
      assert.ok(got.text.includes(begins), got.text.slice(0, 200));
    }
  });
});
