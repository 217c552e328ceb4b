// Lists of answers, columns, statements and lines: what is shown of them and how they change.
import { setValue, valueOf } from './change.ts';
import { find, isFields, listOf, textOf, type Draft, type Json } from './draft.ts';
import { setMember } from './change.ts';
import { textIn, withText } from './texts.ts';

export type ItemList = 'choices' | 'rateValues' | 'columns' | 'rows' | 'items';

export const itemsOf = (draft: Draft, key: string, list: ItemList): readonly Json[] =>
  listOf(find(draft, key)?.props[list]);

const textMember = (list: ItemList): string => (list === 'items' ? 'title' : 'text');

/** What respondents read of an item in the main language. */
export const shownOf = (item: Json, list: ItemList): string => {
  const own = isFields(item) ? textIn(item[textMember(list)]) : '';
  return own === '' ? textOf(valueOf(item)) : own;
};

/** Whether an item says its value and nothing else in the main language. */
export const saysItsValue = (item: Json, list: ItemList): boolean =>
  !isFields(item) ||
  textIn(item[textMember(list)]) === '' ||
  textIn(item[textMember(list)]) === textOf(valueOf(item));

/** An item with another text; one that then says its value alone becomes plain again. */
export const withShown = (item: Json, list: ItemList, text: string): Json => {
  const member = textMember(list);
  const name = list === 'items' ? 'name' : 'value';
  const fields = isFields(item) ? item : { [name]: item };
  const now = text === textOf(valueOf(item)) && !isFields(fields[member]) ? undefined : text;
  const value = withText(fields[member], '', now ?? '');
  const { [member]: _old, ...rest } = fields;
  if (value !== undefined) return { ...rest, [member]: value };
  const only = Object.keys(rest);
  return list !== 'items' && only.length === 1 && rest[name] !== undefined ? rest[name] : rest;
};

export const withItems = (
  draft: Draft,
  key: string,
  list: ItemList,
  items: readonly Json[],
): Draft =>
  setMember(draft, key, list, items.length === 0 && list === 'rateValues' ? undefined : items);

const replacedAt = (items: readonly Json[], at: number, item: Json): Json[] =>
  items.map((one, index) => (index === at ? item : one));

/** Types another text for an item. While no answer can carry its value and it says it, the value
    follows. */
export const retype = (
  draft: Draft,
  key: string,
  list: ItemList,
  at: number,
  text: string,
  follows: boolean,
): Draft => {
  const items = itemsOf(draft, key, list);
  const item = items[at];
  if (item === undefined) return draft;
  if (!follows || !saysItsValue(item, list))
    return withItems(draft, key, list, replacedAt(items, at, withShown(item, list, text)));
  const named = setValue(draft, key, list, at, text);
  const now = itemsOf(named, key, list)[at] ?? null;
  const member = textMember(list);
  if (!isFields(now) || now[member] === undefined) return named;
  const translated = withText(now[member], '', text) ?? null;
  return withItems(
    named,
    key,
    list,
    replacedAt(itemsOf(named, key, list), at, { ...now, [member]: translated }),
  );
};

/** "Answer 4": the stem with the first number no item has. */
export const freeValue = (items: readonly Json[], stem: string): string => {
  const taken = new Set(items.map((item) => textOf(valueOf(item)).toLowerCase()));
  for (let n = items.length + 1; ; ++n) {
    const free = `${stem} ${n}`;
    if (!taken.has(free.toLowerCase())) return free;
  }
};

export const moved = (items: readonly Json[], at: number, by: -1 | 1): Json[] => {
  const now = [...items];
  const item = now[at];
  const other = now[at + by];
  if (item === undefined || other === undefined) return now;
  now[at] = other;
  now[at + by] = item;
  return now;
};

/** The items as lines: "text", or "value | text" where they differ. */
export const asLines = (items: readonly Json[], list: ItemList): string =>
  items
    .map((item) => {
      const shown = shownOf(item, list).replaceAll('\n', ' ');
      return saysItsValue(item, list) ? shown : `${textOf(valueOf(item))} | ${shown}`;
    })
    .join('\n');

/** Lines as items; an item whose value was there before keeps its translations. */
export const fromLines = (text: string, before: readonly Json[], list: ItemList): Json[] => {
  const known = new Map(before.map((item) => [textOf(valueOf(item)), item] as const));
  const name = list === 'items' ? 'name' : 'value';
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const bar = line.indexOf('|');
      const value = bar < 0 ? line : line.slice(0, bar).trim();
      const shown = bar < 0 ? line : line.slice(bar + 1).trim();
      const fresh: Json = list === 'items' ? { [name]: value } : value;
      return withShown(known.get(value) ?? fresh, list, shown);
    });
};
