// The tests' own PostgreSQL: what is committed survives a crash, and the folder goes with the test.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { isAvailable, startCluster } from '../support/postgres.ts';

const skip = isAvailable() ? false : 'PostgreSQL 15 is not installed';

test('a committed row survives a crash of the private cluster', { skip }, async () => {
  const cluster = await startCluster();
  try {
    cluster.run('CREATE TABLE kept (n integer); INSERT INTO kept VALUES (42);');
    await cluster.crashAndRestart();
    assert.equal(cluster.run('SELECT n FROM kept'), '42');
    assert.throws(() => cluster.run('SELECT * FROM missing'), /missing/);
    assert.equal(cluster.run('SHOW listen_addresses'), '');
  } finally {
    await cluster.stop();
  }
  const folder = new URL(cluster.url).searchParams.get('host') ?? '';
  assert.equal(existsSync(folder), false);
});
