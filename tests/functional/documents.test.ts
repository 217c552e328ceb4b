// Pictures of the documents: there, described, used and small.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';

import { root } from '../support/probity.ts';

const docs = join(root, 'docs');
const mostBytes = 150_000;

test('every picture a document shows is there and described, and none lies about unused', () => {
  const shown = new Set<string>();
  for (const file of readdirSync(docs).filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(docs, file), 'utf8');
    for (const [, words = '', path = ''] of text.matchAll(/!\[([^\]]*)\]\(([^)]*)\)/g)) {
      assert.ok(words.length >= 20, `${file}: ${path} is not described`);
      assert.ok(statSync(join(docs, path)).size <= mostBytes, `${path} is too large`);
      shown.add(basename(path));
    }
  }
  assert.deepEqual([...shown].sort(), readdirSync(join(docs, 'pictures')).sort());
  assert.ok(shown.size > 0);
});
