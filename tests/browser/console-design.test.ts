// The console's colours are told apart, and its sources keep to the rules of web/README.md.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { contrastPairs } from '../../web/src/lib/ui/contrast.ts';
import { root } from '../support/probity.ts';

const source = join(root, 'web', 'src');
const read = (path: string): string => readFileSync(path, 'utf8');

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesOf(path) : [path];
  });
const files = filesOf(source);

/** Relative luminance, WCAG 2.2. */
const luminance = (hex: string): number => {
  const part = (from: number): number => {
    const value = parseInt(hex.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
};
const ratio = (a: string, b: string): number => {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
};

const tokens = read(join(source, 'lib', 'ui', 'tokens.css'));
const colours = new Map(
  [...tokens.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)]
    .map(([, name = '', light = '', dark = '']) => [name, { light, dark }] as const));

describe('Colours of the console', () => {
  test('the formula gives the known figures', () => {
    assert.equal(ratio('#000000', '#ffffff'), 21);
    assert.equal(ratio('#777777', '#ffffff').toFixed(2), '4.48');
  });

  for (const scheme of ['light', 'dark'] as const)
    test(`every declared pair is told apart in the ${scheme} scheme`, () => {
      assert.ok(colours.size > 15 && contrastPairs.length > 30);
      for (const [front, back, least] of contrastPairs) {
        const on = colours.get(front)?.[scheme] ?? assert.fail(front);
        const under = colours.get(back)?.[scheme] ?? assert.fail(back);
        assert.ok(ratio(on, under) >= least, `${front} on ${back}: ${ratio(on, under).toFixed(2)}`);
      }
    });

  test('no colour stands anywhere but in the tokens', () => {
    for (const file of files.filter((path) => /\.(svelte|css)$/.test(path))) {
      if (file.endsWith('tokens.css')) continue;
      const styles = file.endsWith('.css') ? read(file) : (read(file).split('<style>')[1] ?? '');
      const found = /#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?)\((?!0 0 0 \/)/i.exec(styles);
      assert.equal(found, null, `${file}: ${found?.[0]}`);
    }
  });
});

describe('Sources of the console', () => {
  const mustNot = (what: RegExp, why: string, apart: (path: string) => boolean = () => false) => {
    for (const file of files) {
      if (apart(file)) continue;
      assert.doesNotMatch(read(file), what, `${file}: ${why}`);
    }
  };

  test('only the client asks the server', () =>
    mustNot(/\bfetch\(|XMLHttpRequest|new EventSource|sendBeacon/, 'use call() of lib/api',
      (path) => path.endsWith('lib/api/client.ts') || path.endsWith('lib/api/events.svelte.ts')));

  test('nothing makes markup, scripts or styles of text', () =>
    mustNot(/\{@html|innerHTML|\beval\(|new Function\(|\sstyle="|svelte\/(transition|animate)/,
      'the policy of the page forbids it, and so do we'));

  test('no type is left open and no old style is used', () =>
    mustNot(/: any\b|as any\b|export let |\$: |on:click|<slot/, 'runes and types'));

  test('the design system has no product words and knows none of the product', () => {
    for (const file of files.filter((path) => path.includes('/lib/ui/'))) {
      assert.doesNotMatch(read(file), /from '\$(lib\/(api|text|parts|route)|pages)/, file);
      assert.doesNotMatch(read(file), /\b(survey|respondent|tenant|ballot)/i, file);
    }
  });
});
