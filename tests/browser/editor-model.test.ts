// The model of the editor, without a browser: changes, undoing, conditions, joining.
// Apart from: report, picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { describe, test } from 'node:test';

import { answerablesOf } from '../../web/src/pages/surveys/editor/model/askable.ts';
import {
  asType, beginningOf, questionTypes,
} from '../../web/src/pages/surveys/editor/model/catalogue.ts';
import {
  addPage, addPanel, addQuestion, changeType, duplicate, freeName, moveTo, readersOf, remove,
  rename, setMember, setValue, step,
} from '../../web/src/pages/surveys/editor/model/change.ts';
import {
  readCondition, readsOf, renamed, withValue, writeCondition,
} from '../../web/src/pages/surveys/editor/model/condition.ts';
import {
  allOf, find, isSame, nameOf, placeOf, readDraft, writeDraft, type Draft, type Fields,
} from '../../web/src/pages/surveys/editor/model/draft.ts';
import { History, stepsMax } from '../../web/src/pages/surveys/editor/model/history.ts';
import {
  asLines, freeValue, fromLines, itemsOf, retype,
} from '../../web/src/pages/surveys/editor/model/items.ts';
import {
  changesOf, compare, join, withFreeNames,
} from '../../web/src/pages/surveys/editor/model/merge.ts';
import { inWords, placed } from '../../web/src/pages/surveys/editor/model/problems.ts';
import {
  directionOf, isLanguage, missingIn, otherLanguages, setTextAt, textsOf, withText,
  withoutLanguage,
} from '../../web/src/pages/surveys/editor/model/texts.ts';
import { root } from '../support/probity.ts';

const words = { choice: 'Answer', row: 'Row', column: 'Column', item: 'Line', html: '<p>x</p>' };

const sample = {
  title: { default: 'Work', de: 'Arbeit' },
  pages: [
    { name: 'one', elements: [
      { type: 'radiogroup', name: 'place', title: 'Where?', choices: ['home', 'office'] },
      { type: 'panel', name: 'group', elements: [
        { type: 'text', name: 'why', title: 'Why?', visibleIf: "{place} = 'home'" },
      ] },
      { type: 'comment', name: 'more', visibleIf: '{why} notempty or {place} anyof ["home"]' },
    ] },
    { name: 'two', elements: [
      { type: 'matrix', name: 'agree', rows: ['calm', 'loud'], columns: ['no', 'yes'],
        requiredIf: '{place} notempty' },
    ] },
  ],
};
const keyOf = (draft: Draft, name: string): string =>
  allOf(draft).find((one) => nameOf(one) === name)?.key ?? assert.fail(name);
const names = (draft: Draft): string[] => allOf(draft).map(nameOf);
const propOf = (draft: Draft, name: string, member: string): unknown =>
  find(draft, keyOf(draft, name))?.props[member];

describe('A document as a draft', () => {
  test('what is read and written again says the same', () => {
    assert.ok(isSame(writeDraft(readDraft(sample)), sample));
  });

  test('a survey without pages, and older spellings, are taken', () => {
    const draft = readDraft({
      questions: [{ type: 'checkbox', name: 'a', choices: [1], hasOther: true, hasNone: false }],
    });
    assert.deepEqual(writeDraft(draft), {
      pages: [{ name: 'page1', elements: [
        { type: 'checkbox', name: 'a', choices: [1], showOtherItem: true, showNoneItem: false },
      ] }],
    });
  });

  test('what this console does not know stays', () => {
    const odd = { pages: [{ name: 'p', elements: [{ type: 'text', name: 'a', colSpan: 3 }] }] };
    assert.ok(isSame(writeDraft(readDraft(odd)), odd));
  });

  test('another reading gives the same elements the same keys', () => {
    const draft = readDraft(sample);
    const again = readDraft(sample, draft);
    assert.deepEqual(allOf(again).map((one) => one.key), allOf(draft).map((one) => one.key));
  });

  test('nothing that is no document breaks it', () => {
    for (const given of [null, 1, 'x', [], {}, { pages: 3 }, { pages: [null, 1] }])
      assert.ok(writeDraft(readDraft(given)));
  });
});

describe('Changing a draft', () => {
  test('every kind begins with what it needs, under a free name', () => {
    let draft = readDraft(sample);
    const page = keyOf(draft, 'two');
    for (const type of questionTypes) {
      const made = addQuestion(draft, type, { parent: page, index: 0 }, words);
      draft = made.draft;
      const props = find(draft, made.key)?.props as Fields;
      assert.equal(props['type'], type);
      assert.ok(isSame({ ...beginningOf(type, words), name: props['name'] ?? '' }, props));
    }
    assert.equal(new Set(names(draft)).size, names(draft).length);
  });

  test('a new name is written into every condition that reads it', () => {
    const draft = rename(readDraft(sample), keyOf(readDraft(sample), 'place'), 'x');
    assert.deepEqual(names(draft), names(readDraft(sample)), 'a key of another draft is nobody');
    const own = readDraft(sample);
    const now = rename(own, keyOf(own, 'place'), 'spot');
    assert.equal(propOf(now, 'why', 'visibleIf'), "{spot} = 'home'");
    assert.equal(propOf(now, 'more', 'visibleIf'), '{why} notempty or {spot} anyof ["home"]');
    assert.equal(propOf(now, 'agree', 'requiredIf'), '{spot} notempty');
  });

  test('a new value is written where it is compared with, and nowhere else', () => {
    const draft = readDraft(sample);
    const now = setValue(draft, keyOf(draft, 'place'), 'choices', 0, "at 'home'");
    assert.equal(propOf(now, 'why', 'visibleIf'), "{place} = 'at \\'home\\''");
    assert.equal(
      propOf(now, 'more', 'visibleIf'), "{why} notempty or {place} anyof ['at \\'home\\'']");
    assert.equal(withValue("{a} = 'x' and {b} = 'x'", 'a', 'x', 'y'), "{a} = 'y' and {b} = 'x'");
    assert.equal(withValue("{a} = 'x'", 'b', 'x', 'y'), "{a} = 'x'");
  });

  test('a row called otherwise is found again', () => {
    const draft = readDraft({ elements: [
      { type: 'matrix', name: 'm', rows: ['a'], columns: [1] },
      { type: 'text', name: 't', visibleIf: '{m.a} = 1' },
    ] });
    const now = setValue(draft, keyOf(draft, 'm'), 'rows', 0, 'b');
    assert.equal(propOf(now, 't', 'visibleIf'), '{m.b} = 1');
  });

  test('steps go through panels and pages, and stop at the ends', () => {
    let draft = readDraft(sample);
    const key = keyOf(draft, 'place');
    const seen: string[] = [];
    for (let n = 0; n < 10; ++n) {
      const next = step(draft, key, 1);
      if (next === draft) break;
      draft = next;
      const place = placeOf(draft, key);
      seen.push(`${nameOf(find(draft, place?.parent ?? '') ?? assert.fail())} ${place?.index}`);
    }
    assert.deepEqual(seen, ['group 0', 'group 1', 'one 1', 'one 2', 'two 0', 'two 1']);
    for (let n = 0; n < 6; ++n) draft = step(draft, key, -1);
    assert.equal(step(draft, key, -1), draft);
    assert.ok(isSame(writeDraft(draft), sample));
  });

  test('nothing is moved into itself, and pages stay pages', () => {
    const draft = readDraft(sample);
    const group = keyOf(draft, 'group');
    assert.equal(moveTo(draft, group, { parent: group, index: 0 }), draft);
    assert.equal(moveTo(draft, keyOf(draft, 'two'), { parent: group, index: 0 }), draft);
    assert.equal(moveTo(draft, group, { parent: '', index: 0 }), draft);
  });

  test('a copy has free names, and conditions within it read the copy', () => {
    const draft = readDraft(sample);
    const { draft: now, key } = duplicate(draft, keyOf(draft, 'one'));
    assert.equal(new Set(names(now)).size, names(now).length);
    const copy = find(now, key);
    const inner = allOf({ props: {}, pages: copy === undefined ? [] : [copy] });
    assert.equal(inner.find((one) => nameOf(one) === 'why2')?.props['visibleIf'],
      "{place2} = 'home'");
    assert.equal(propOf(now, 'why', 'visibleIf'), "{place} = 'home'");
  });

  test('what still asks for a question that goes is named', () => {
    const draft = readDraft(sample);
    const readers = readersOf(draft, keyOf(draft, 'place'), readsOf).map(nameOf);
    assert.deepEqual(readers, ['why', 'more', 'agree']);
    assert.ok(!names(remove(draft, keyOf(draft, 'group'))).includes('why'));
  });

  test('another kind keeps what it can carry', () => {
    const draft = readDraft({ elements: [{
      type: 'checkbox', name: 'a', choices: ['x'], maxSelectedChoices: 1, title: 'T',
      defaultValue: ['x'],
    }] });
    const now = changeType(draft, keyOf(draft, 'a'), 'dropdown');
    assert.deepEqual(find(now, keyOf(now, 'a'))?.props,
      { type: 'dropdown', name: 'a', choices: ['x'], title: 'T' });
    assert.equal(asType({ type: 'text', name: 'a', inputType: 'date' }, 'comment')['inputType'],
      undefined);
  });

  test('names that are free are free whatever their case', () => {
    const draft = readDraft({ elements: [{ type: 'text', name: 'Question1' }] });
    assert.equal(freeName(draft, 'question1'), 'question12');
    const made = addPanel(addPage(draft, 1).draft, { parent: draft.pages[0]?.key ?? '', index: 0 });
    assert.deepEqual(names(made.draft), ['page1', 'panel1', 'Question1', 'page2']);
  });
});

describe('Lists of answers', () => {
  const draft = readDraft(sample);
  const place = keyOf(draft, 'place');

  test('a value follows its text until answers may carry it', () => {
    const followed = retype(draft, place, 'choices', 0, 'at home', true);
    assert.deepEqual(itemsOf(followed, place, 'choices'), ['at home', 'office']);
    const kept = retype(draft, place, 'choices', 0, 'at home', false);
    assert.deepEqual(itemsOf(kept, place, 'choices'),
      [{ value: 'home', text: 'at home' }, 'office']);
    const back = retype(kept, place, 'choices', 0, 'home', false);
    assert.deepEqual(itemsOf(back, place, 'choices'), ['home', 'office']);
  });

  test('typed as lines they come back, with their translations', () => {
    const items = ['a', { value: 1, text: { default: 'One', de: 'Eins' } }];
    assert.equal(asLines(items, 'choices'), 'a\n1 | One');
    assert.deepEqual(fromLines('a\n1 | Uno\n\n b ', items, 'choices'),
      ['a', { value: 1, text: { default: 'Uno', de: 'Eins' } }, 'b']);
    assert.deepEqual(fromLines('x | Label', [], 'items'), [{ name: 'x', title: 'Label' }]);
    assert.equal(freeValue(['Answer 3', 'b'], 'Answer'), 'Answer 4');
  });
});

describe('Undoing', () => {
  test('steps go back and forth, typing is one step, a new one ends the future', () => {
    let history = History.of(0).then(1, 'one', '', 0)
      .then(2, 'two', 'm', 10).then(3, 'two', 'm', 20);
    assert.deepEqual([history.undoWords, history.past.length], ['two', 2]);
    history = history.undo();
    assert.deepEqual([history.present, history.redoWords, history.undoWords], [1, 'two', 'one']);
    assert.equal(history.redo().present, 3);
    assert.equal(history.then(9, 'nine', '', 30).redo().present, 9);
    assert.equal(history.undo().undo().present, 0);
    assert.equal(History.of(0).then(1, 'x', 'm', 0).then(2, 'x', 'm', 9000).past.length, 2);
  });

  test(`${stepsMax} steps are kept`, () => {
    for (const [n, kept] of [[stepsMax - 1, stepsMax - 1], [stepsMax, stepsMax],
      [stepsMax + 1, stepsMax]] as const) {
      let history = History.of(0);
      for (let at = 1; at <= n; ++at) history = history.then(at, '', '', at);
      assert.equal(history.past.length, kept);
    }
  });
});

describe('Conditions as they are chosen', () => {
  test('what can be chosen is read and written', () => {
    for (const [text, again] of [
      ["{a} = 'x'", "{a} = 'x'"],
      ['{a} == x', "{a} = 'x'"],
      ['5 <= {a}', '{a} >= 5'],
      ['{a} anyof [1, "b"] and {c} notempty', "{a} anyof [1, 'b'] and {c} notempty"],
      ['{a} = true || {b} empty', '{a} = true or {b} empty'],
      ['{a} = 1 and {b} = 2 or {c} = 3', '({a} = 1 and {b} = 2) or {c} = 3'],
      ['({a} = 1 or {b} = 2) and {c.row} <> -1.5', '({a} = 1 or {b} = 2) and {c.row} <> -1.5'],
      ["{a} contains ['x']", "{a} contains 'x'"],
      ["{a} = 'it\\'s'", "{a} = 'it\\'s'"],
    ] as const) {
      const group = readCondition(text);
      assert.ok(group, text);
      assert.equal(writeCondition(group), again);
      assert.deepEqual(readCondition(again), group);
    }
    assert.deepEqual(readCondition('  '), { how: 'all', parts: [] });
  });

  test('what cannot be chosen stays text', () => {
    for (const text of [
      'not {a} = 1', '{a} + 1 = 2', 'sum({a}, {b}) > 3', '{a} = {b}', '{#a} = 1', '{a}', "{a} = '",
      '{a = 1', '{a} = [1, 2]', '{a} contains [1, 2]', '{a} = 1 2', '{a} = null', '({a} = 1',
      '{a} = 1 and ({b} = 2 or ({c} = 3 and {d} = 4))', '{a} = round(3)', '{a} <> -', '!{a} empty',
      '{a} anyof []',
    ]) assert.equal(readCondition(text), null, text);
  });

  test('the shared cases of the server lose nothing', () => {
    const file = path(root, 'tests', 'support', 'condition-cases.json');
    const texts = new Set<string>();
    const look = (value: unknown): void => {
      if (typeof value === 'string' && value.includes('{')) texts.add(value);
      else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
    };
    look(JSON.parse(readFileSync(file, 'utf8')));
    assert.ok(texts.size > 20);
    for (const text of texts) {
      const group = readCondition(text);
      if (group !== null) assert.deepEqual(readCondition(writeCondition(group)), group, text);
    }
  });

  test('a rule that is not whole is left out', () => {
    const group = { how: 'any', parts: [
      { question: '', operator: '=', values: [] }, { question: 'a', operator: '=', values: [] },
      { how: 'all', parts: [{ question: 'b', operator: 'empty', values: [] }] },
    ] } as const;
    assert.equal(writeCondition(group), '{b} empty');
  });

  test('names are changed as names only', () => {
    assert.equal(renamed("{a} = 'a' and {ab} = 1 and {A.x} = 2 and {a-Comment} empty", 'a', 'z'),
      "{z} = 'a' and {ab} = 1 and {z.x} = 2 and {z-Comment} empty");
    assert.equal(renamed("{a", 'a', 'z'), '{a');
    assert.deepEqual(readsOf('{#a} + {b[0]} > 3'), ['a', 'b[0]']);
  });

  test('what can be asked for is each question, row, line and comment', () => {
    const draft = readDraft({ elements: [
      { type: 'rating', name: 'r', rateMin: 0, rateMax: 2 },
      { type: 'boolean', name: 'b', showCommentArea: true },
      { type: 'matrix', name: 'm', rows: ['x'], columns: [1, 2] },
      { type: 'multipletext', name: 't', items: [{ name: 'n' }] },
      { type: 'html', html: 'x' },
      { type: 'text', name: 'own' },
    ] });
    const found = answerablesOf(draft, keyOf(draft, 'own'), {
      yes: 'Y', no: 'N', special: (value) => value, comment: (title) => `on ${title}`,
    });
    assert.deepEqual(found.map((one) => one.name), ['r', 'b', 'b-Comment', 'm.x', 't.n']);
    assert.deepEqual(found[0]?.choices.map(([value]) => value), [0, 1, 2]);
  });
});

describe('Joining what two people did', () => {
  const base = readDraft(sample);
  const set = (draft: Draft, name: string, member: string, value: string): Draft =>
    setMember(draft, keyOf(draft, name), member, value);

  test('different things: both stay', () => {
    const mine = set(base, 'place', 'title', 'Mine');
    const theirs = readDraft(writeDraft(set(base, 'why', 'title', 'Theirs')), base);
    const { contests } = compare(base, mine, theirs);
    assert.deepEqual(contests, []);
    const joined = join(base, mine, theirs, {});
    assert.deepEqual([propOf(joined, 'place', 'title'), propOf(joined, 'why', 'title')],
      ['Mine', 'Theirs']);
  });

  test('the same member: mine, until theirs is chosen', () => {
    const mine = set(base, 'place', 'title', 'Mine');
    const theirs = readDraft(writeDraft(set(base, 'place', 'title', 'Theirs')), base);
    const { contests } = compare(base, mine, theirs);
    assert.deepEqual(contests.map((one) => [one.member, one.base, one.mine, one.theirs]),
      [['title', 'Where?', 'Mine', 'Theirs']]);
    assert.equal(propOf(join(base, mine, theirs, {}), 'place', 'title'), 'Mine');
    const chosen = { [contests[0]?.id ?? '']: 'theirs' } as const;
    assert.equal(propOf(join(base, mine, theirs, chosen), 'place', 'title'), 'Theirs');
  });

  test('what one deleted and the other worked on stays until its deletion is chosen', () => {
    const less = remove(base, keyOf(base, 'why'));
    const worked = set(base, 'why', 'title', 'Still asked');
    for (const [mine, theirs, remover] of [
      [less, readDraft(writeDraft(worked), base), 'mine'],
      [worked, readDraft(writeDraft(less), base), 'theirs'],
    ] as const) {
      const { contests } = compare(base, mine, theirs);
      assert.deepEqual(contests.map((one) => one.what), [`removed-by-${remover}`]);
      assert.ok(names(join(base, mine, theirs, {})).includes('why'));
      const id = contests[0]?.id ?? '';
      assert.ok(!names(join(base, mine, theirs, { [id]: remover })).includes('why'));
    }
    assert.ok(!names(join(base, less, base, {})).includes('why'), 'nobody worked on it');
    assert.ok(!names(join(base, base, less, {})).includes('why'));
  });

  test('a page one deleted whose question the other changed comes back with it', () => {
    const mine = remove(base, keyOf(base, 'two'));
    const theirs = readDraft(writeDraft(set(base, 'agree', 'title', 'Theirs')), base);
    assert.deepEqual(names(join(base, mine, theirs, {})), names(base));
  });

  test('additions of both stand where they were put, under names of their own', () => {
    const page = keyOf(base, 'one');
    const mine = addQuestion(base, 'text', { parent: page, index: 1 }, words).draft;
    const other = addQuestion(base, 'comment', { parent: page, index: 3 }, words).draft;
    const theirs = readDraft(writeDraft(other), base);
    const own = withFreeNames(base, mine, theirs);
    const joined = join(base, own, theirs, {});
    assert.equal(new Set(names(joined)).size, names(joined).length);
    assert.deepEqual(find(joined, page)?.children.map(nameOf),
      ['place', 'question', 'group', 'more', 'question5']);
  });

  test('one moved, the other typed: both hold; both moved: one order is chosen', () => {
    const mine = set(step(base, keyOf(base, 'more'), -1), 'place', 'title', 'Mine');
    const typed = readDraft(writeDraft(set(base, 'more', 'title', 'Typed')), base);
    const one = join(base, mine, typed, {});
    assert.deepEqual([propOf(one, 'place', 'title'), propOf(one, 'more', 'title')],
      ['Mine', 'Typed']);
    assert.equal(placeOf(one, keyOf(one, 'more'))?.parent, keyOf(base, 'group'));
    const moved = readDraft(writeDraft(moveTo(base, keyOf(base, 'agree'),
      { parent: keyOf(base, 'one'), index: 0 })), base);
    assert.deepEqual(compare(base, mine, moved).contests.map((it) => it.what), ['order']);
    assert.deepEqual(allOf(join(base, mine, moved, {})).map(nameOf), allOf(mine).map(nameOf));
    assert.deepEqual(allOf(join(base, mine, moved, { order: 'theirs' })).map(nameOf),
      allOf(moved).map(nameOf));
  });

  test('whatever both do, nothing either added or typed alone is lost', () => {
    let seed = 7;
    const dice = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * n);
    };
    const act = (draft: Draft, mark: string): Draft => {
      const all = allOf(draft);
      const one = all[dice(all.length)] ?? assert.fail();
      switch (dice(5)) {
        case 0:
          return addQuestion(draft, 'text', { parent: draft.pages[0]?.key ?? '', index: dice(3) },
            words).draft;
        case 1: return setMember(draft, one.key, 'title', mark);
        case 2: return step(draft, one.key, dice(2) === 0 ? 1 : -1);
        case 3: return one.kind === 'question' ? remove(draft, one.key) : draft;
        default: return addPage(draft, draft.pages.length).draft;
      }
    };
    for (let round = 0; round < 300; ++round) {
      let mine = base;
      let theirs = base;
      for (let n = 0; n < 5; ++n) {
        mine = act(mine, `mine ${round} ${n}`);
        theirs = act(theirs, `theirs ${round} ${n}`);
      }
      const read = readDraft(writeDraft(theirs), base);
      const own = withFreeNames(base, mine, read);
      const joined = join(base, own, read, {});
      assert.equal(new Set(names(joined)).size, names(joined).length, `round ${round}`);
      const keys = new Set(allOf(joined).map((it) => it.key));
      assert.equal(keys.size, allOf(joined).length);
      for (const change of [...changesOf(base, own), ...changesOf(base, read)])
        if (change.how === 'added' || change.how === 'changed')
          assert.ok(change.key === '' || keys.has(change.key), `round ${round} ${change.name}`);
      for (const change of changesOf(base, own)) {
        if (change.how !== 'changed') continue;
        for (const member of change.members)
          assert.ok(isSame(find(joined, change.key)?.props[member],
            find(own, change.key)?.props[member]), `round ${round}`);
      }
    }
  });
});

describe('Languages', () => {
  test('texts, what is missing, taking one out', () => {
    const draft = readDraft(sample);
    assert.deepEqual(otherLanguages(draft), ['de']);
    const all = textsOf(draft).length;
    assert.equal(missingIn(draft, 'de'), all - 1);
    const choice = textsOf(draft).find((one) => one.path === 'choices/0/text') ?? assert.fail();
    const now = setTextAt(draft, choice, 'de', 'zu Hause');
    assert.deepEqual(itemsOf(now, keyOf(now, 'place'), 'choices')[0],
      { value: 'home', text: { default: 'home', de: 'zu Hause' } });
    assert.deepEqual(otherLanguages(withoutLanguage(now, 'de')), []);
    assert.equal(withText('a', 'de', ''), 'a');
    assert.equal(withText({ de: 'x' }, 'de', ''), undefined);
  });

  test('scripts from right to left, and tags', () => {
    assert.deepEqual(['ar', 'he-IL', 'fa_IR', 'de', 'arn'].map(directionOf),
      ['rtl', 'rtl', 'rtl', 'ltr', 'ltr']);
    assert.deepEqual(['de', 'pt-BR', 'default', 'x', 'de de', 'zh-Hant-TW'].map(isLanguage),
      [true, true, false, false, false, true]);
  });
});

describe('Messages of the server', () => {
  test('are brought to the element they name', () => {
    const draft = readDraft(sample);
    const at = (where: string) => {
      const { key, member } = placed(draft, where, '');
      return [nameOf(find(draft, key) ?? { key, kind: 'page', props: {}, children: [] }), member];
    };
    assert.deepEqual(at('/pages/0/elements/0/choices/1'), ['place', 'choices/1']);
    assert.deepEqual(at('/pages/0/elements/1/elements/0/visibleIf'), ['why', 'visibleIf']);
    assert.deepEqual(at('/pages/1/title'), ['two', 'title']);
    assert.deepEqual(at('/title'), ['', 'title']);
    assert.deepEqual(at('/pages/7/title'), ['', 'pages/7/title']);
  });

  test('name members as people read them', () => {
    const labels = { minSelectedChoices: 'at least', min: 'smallest' };
    assert.equal(inWords('is below minSelectedChoices: nothing', labels),
      'is below “at least”: nothing');
    assert.equal(inWords('is below "min"; in a minute', labels),
      'is below “smallest”; in a minute');
    assert.equal(inWords('refers to "ageGroup"', labels), 'refers to "ageGroup"');
  });
});
