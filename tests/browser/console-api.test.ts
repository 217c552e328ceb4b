// The console knows the interface it is built for, and its words fit what the server counts.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { evidenceKinds } from '../../web/src/lib/text/evidence-kinds.ts';
import { routesFile, routesText } from '../support/console-api.ts';
import { Probity, root } from '../support/probity.ts';

describe('The console and the interface', () => {
  let probity: Probity;
  before(async () => {
    probity = await Probity.start({ realClock: true });
    await probity.begin();
  });
  after(() => probity.stop());

  test('its types are what the built program says of itself', async () => {
    const text = await routesText(probity);
    assert.equal(readFileSync(routesFile, 'utf8'), text, 'run tools/console_api');
  });

  test('it has a word for every kind of evidence, and for no other', () => {
    const file = join(root, 'src', 'attest', 'catalogue.json');
    const { promises } = JSON.parse(readFileSync(file, 'utf8')) as {
      promises: { evidence_kind?: string }[];
    };
    const kinds = new Set(promises.map((one) => one.evidence_kind).filter(Boolean));
    assert.deepEqual(Object.keys(evidenceKinds).sort(), [...kinds].sort());
  });

  test('its files are compressed and kept, its index is asked for again', async () => {
    const index = await probity.ask('GET', '/console');
    assert.equal(index.status, 200);
    assert.equal(index.headers['content-encoding'], 'gzip');
    assert.equal(index.headers['cache-control'], 'no-cache');
    const policy = String(index.headers['content-security-policy']);
    assert.match(policy, /script-src 'self';/);
    assert.match(policy, /style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    const known = { 'if-none-match': String(index.headers['etag']) };
    assert.equal((await probity.ask('GET', '/console', { headers: known })).status, 304);
    for (const path of ['/console/surveys', '/console/surveys/a/report', '/console/a/b/c/d'])
      assert.deepEqual((await probity.ask('GET', path)).bytes, index.bytes, path);
    assert.equal((await probity.ask('GET', '/console/assets/none.js')).status, 404);
    assert.equal((await probity.ask('GET', '/console/a/b/c/d/e')).status, 404);
  });
});
