// What an editor does to a draft. Each gives another draft; the one given stays as it was.
import { asType, beginningOf, type BeginWords, type QuestionType } from './catalogue.ts';
import { renamed, withValue } from './condition.ts';
import {
  allOf,
  fieldsOf,
  find,
  freshKey,
  inside,
  isFields,
  listOf,
  nameOf,
  placeOf,
  siblingsOf,
  textOf,
  type Draft,
  type Element,
  type Fields,
  type Json,
  type Place,
} from './draft.ts';

type Turn = (element: Element) => Element;

const mapElement = (element: Element, turn: Turn): Element => {
  const children = element.children.map((child) => mapElement(child, turn));
  const isKept = children.every((child, at) => child === element.children[at]);
  return turn(isKept ? element : { ...element, children });
};
/** Every element turned, from the inside out; what is not changed stays the same object. */
const mapAll = (draft: Draft, turn: Turn): Draft => ({
  ...draft,
  pages: draft.pages.map((page) => mapElement(page, turn)),
});

const withMember = (props: Fields, member: string, value: Json | undefined): Fields => {
  if (value !== undefined) return { ...props, [member]: value };
  const { [member]: _old, ...rest } = props;
  return rest;
};

/** Sets a member of an element, or of the survey when the key is empty; undefined takes it away. */
export const setMember = (
  draft: Draft,
  key: string,
  member: string,
  value: Json | undefined,
): Draft =>
  key === ''
    ? { ...draft, props: withMember(draft.props, member, value) }
    : mapAll(draft, (element) =>
        element.key === key
          ? { ...element, props: withMember(element.props, member, value) }
          : element,
      );

const conditionMembers = ['visibleIf', 'requiredIf'] as const;

const withConditions = (props: Fields, change: (text: string) => string): Fields => {
  let now = props;
  for (const member of conditionMembers) {
    const text = textOf(props[member]);
    const other = text === '' ? text : change(text);
    if (other !== text) now = { ...now, [member]: other };
  }
  const turned = (rules: Json | undefined): Json | undefined => {
    if (!Array.isArray(rules)) return rules;
    return (rules as readonly Json[]).map((rule) => {
      const text = textOf(fieldsOf(rule)['expression']);
      const other = text === '' ? text : change(text);
      return other === text ? rule : { ...fieldsOf(rule), expression: other };
    });
  };
  const isChanged = (before: Json | undefined, after: Json | undefined): boolean =>
    JSON.stringify(before) !== JSON.stringify(after);
  const validators = turned(props['validators']);
  if (isChanged(props['validators'], validators) && validators !== undefined)
    now = { ...now, validators };
  const items = listOf(props['items']).map((item) => {
    const rules = turned(fieldsOf(item)['validators']);
    return rules === undefined ? item : { ...fieldsOf(item), validators: rules };
  });
  if (items.length > 0 && isChanged(props['items'], items)) now = { ...now, items };
  return now;
};

/** Every condition of the draft put through `change`. */
export const mapConditions = (draft: Draft, change: (text: string) => string): Draft =>
  mapAll(draft, (element) => {
    const props = withConditions(element.props, change);
    return props === element.props ? element : { ...element, props };
  });

/** What the answer to a question is called in conditions. */
export const answerName = (element: Element): string =>
  textOf(element.props['valueName']) || nameOf(element);

/** Calls an element otherwise, also in every condition that reads it. */
export const rename = (draft: Draft, key: string, name: string): Draft => {
  const before = find(draft, key);
  if (before === undefined || nameOf(before) === name) return draft;
  const old = nameOf(before);
  const changed = setMember(draft, key, 'name', name);
  if (before.kind !== 'question' || old === '') return changed;
  return mapConditions(changed, (text) => renamed(text, old, name));
};

/** The value of a choice, row, column or the name of an item; the item itself when it is plain. */
export const valueOf = (item: Json): Json => {
  if (!isFields(item)) return item;
  return item['value'] ?? item['name'] ?? null;
};

const isNumber = (text: string): boolean => /^-?\d{1,15}(\.\d+)?$/.test(text);

/** Writes the value of one item of a list otherwise, also where conditions compare with it. */
export const setValue = (
  draft: Draft,
  key: string,
  list: string,
  at: number,
  value: string,
): Draft => {
  const element = find(draft, key);
  if (element === undefined) return draft;
  const items = listOf(element.props[list]);
  const item = items[at];
  if (item === undefined) return draft;
  const old = textOf(valueOf(item));
  const member = list === 'items' ? 'name' : 'value';
  const meant = typeof valueOf(item) === 'number' && isNumber(value) ? Number(value) : value;
  const now: Json = isFields(item) ? { ...item, [member]: meant } : meant;
  const changed = setMember(
    draft,
    key,
    list,
    items.map((one, index) => (index === at ? now : one)),
  );
  if (old === '' || old === value) return changed;
  const name = answerName(element);
  if (list === 'rows' || list === 'items')
    return mapConditions(changed, (text) => renamed(text, `${name}.${old}`, `${name}.${value}`));
  return mapConditions(changed, (text) => withValue(text, name, old, value));
};

/** Names in use, in lower case: conditions find names without regard to case. */
const namesOf = (draft: Draft): Set<string> =>
  new Set(
    allOf(draft).flatMap((element) =>
      [nameOf(element), textOf(element.props['valueName'])].map((name) => name.toLowerCase()),
    ),
  );

/** `stem`, or the first of stem2, stem3… that is free. */
export const freeName = (draft: Draft, stem: string): string => {
  const taken = namesOf(draft);
  if (!taken.has(stem.toLowerCase())) return stem;
  for (let n = 2; ; ++n) if (!taken.has(`${stem}${n}`.toLowerCase())) return `${stem}${n}`;
};

const withChildren = (
  draft: Draft,
  parent: string,
  change: (children: readonly Element[]) => readonly Element[],
): Draft =>
  parent === ''
    ? { ...draft, pages: change(draft.pages) }
    : mapAll(draft, (element) =>
        element.key === parent ? { ...element, children: change(element.children) } : element,
      );

const insert = (draft: Draft, element: Element, place: Place): Draft =>
  withChildren(draft, place.parent, (children) => [
    ...children.slice(0, place.index),
    element,
    ...children.slice(place.index),
  ]);

export const remove = (draft: Draft, key: string): Draft => {
  const place = placeOf(draft, key);
  if (place === undefined) return draft;
  return withChildren(draft, place.parent, (children) =>
    children.filter((child) => child.key !== key),
  );
};

/** Puts an element that was taken away back to its place, or to the end where that is gone. */
export const restore = (draft: Draft, element: Element, place: Place): Draft => {
  const isThere = place.parent === '' || find(draft, place.parent) !== undefined;
  const last = draft.pages.at(-1);
  const to = isThere ? place : { parent: last?.key ?? '', index: last?.children.length ?? 0 };
  return insert(draft, element, to);
};

/** What was made, and where it is found. */
export interface Made {
  readonly draft: Draft;
  readonly key: string;
}

/** A new question at a place inside a page or panel. */
export const addQuestion = (
  draft: Draft,
  type: QuestionType,
  place: Place,
  words: BeginWords,
): Made => {
  const name = freeName(draft, type === 'html' ? 'text1' : `question${counter(draft)}`);
  const key = freshKey();
  const { type: _type, ...rest } = beginningOf(type, words);
  const props = { type, name, ...rest };
  return { draft: insert(draft, { key, kind: 'question', props, children: [] }, place), key };
};
const counter = (draft: Draft): number =>
  allOf(draft).filter((element) => element.kind === 'question').length + 1;

export const addPanel = (draft: Draft, place: Place): Made => {
  const key = freshKey();
  const props = { type: 'panel', name: freeName(draft, 'panel1') };
  return { draft: insert(draft, { key, kind: 'panel', props, children: [] }, place), key };
};

export const addPage = (draft: Draft, index: number): Made => {
  const key = freshKey();
  const props = { name: freeName(draft, `page${draft.pages.length + 1}`) };
  const place = { parent: '', index };
  return { draft: insert(draft, { key, kind: 'page', props, children: [] }, place), key };
};

/** A copy behind the original. Every copied name gets a free one, and conditions within the copy
    that read a copied question read the copy. */
export const duplicate = (draft: Draft, key: string): Made => {
  const original = find(draft, key);
  const place = placeOf(draft, key);
  if (original === undefined || place === undefined) return { draft, key };
  const renames: [string, string][] = [];
  const taken = namesOf(draft);
  const copyName = (name: string): string => {
    const stem = name.replace(/\d+$/, '') || name;
    for (let n = 2; ; ++n) {
      const free = `${stem}${n}`;
      if (taken.has(free.toLowerCase())) continue;
      taken.add(free.toLowerCase());
      renames.push([name, free]);
      return free;
    }
  };
  const copy = (element: Element): Element => {
    const { valueName: _shared, ...rest } = element.props;
    const name = nameOf(element);
    const props = name === '' ? rest : { ...rest, name: copyName(name) };
    return { ...element, key: freshKey(), props, children: element.children.map(copy) };
  };
  const made = copy(original);
  const change = (text: string): string =>
    renames.reduce((now, [from, to]) => renamed(now, from, to), text);
  const turned = mapElement(made, (element) => {
    // The copy as a whole still depends on what the original did.
    if (element.key === made.key && original.kind === 'question') return element;
    return { ...element, props: withConditions(element.props, change) };
  });
  return {
    draft: insert(draft, turned, { ...place, index: place.index + 1 }),
    key: made.key,
  };
};

/** Whether an element of this kind may stand there. */
export const mayStand = (draft: Draft, key: string, parent: string): boolean => {
  const element = find(draft, key);
  if (element === undefined || key === parent) return false;
  if ((element.kind === 'page') !== (parent === '')) return false;
  return !inside(element, parent);
};

/** Moves an element to a place counted without itself. */
export const moveTo = (draft: Draft, key: string, place: Place): Draft => {
  const element = find(draft, key);
  if (element === undefined || !mayStand(draft, key, place.parent)) return draft;
  const without = remove(draft, key);
  const most = siblingsOf(without, place.parent).length;
  return insert(without, element, { ...place, index: Math.min(Math.max(0, place.index), most) });
};

/** One step up or down: within its page or panel, then into the page before or after. The draft
    itself when there is nowhere to go. */
export const step = (draft: Draft, key: string, by: -1 | 1): Draft => {
  const place = placeOf(draft, key);
  const element = find(draft, key);
  if (place === undefined || element === undefined) return draft;
  const siblings = siblingsOf(draft, place.parent);
  const next = siblings[place.index + by];
  if (next !== undefined) {
    // A panel is entered rather than jumped over.
    if (next.kind === 'panel' && element.kind === 'question')
      return moveTo(draft, key, { parent: next.key, index: by > 0 ? 0 : next.children.length });
    return moveTo(draft, key, { parent: place.parent, index: place.index + by });
  }
  if (place.parent === '') return draft;
  const box = find(draft, place.parent);
  if (box?.kind === 'panel') {
    const outer = placeOf(draft, box.key);
    if (outer === undefined) return draft;
    return moveTo(draft, key, { parent: outer.parent, index: outer.index + (by > 0 ? 1 : 0) });
  }
  const at = draft.pages.findIndex((page) => page.key === place.parent);
  const page = draft.pages[at + by];
  if (page === undefined) return draft;
  return moveTo(draft, key, { parent: page.key, index: by > 0 ? 0 : page.children.length });
};

/** Another type for a question; what that type cannot carry goes. */
export const changeType = (draft: Draft, key: string, type: string): Draft =>
  mapAll(draft, (element) =>
    element.key === key ? { ...element, props: asType(element.props, type) } : element,
  );

/** Elements whose conditions read a question. */
export const readersOf = (
  draft: Draft,
  key: string,
  readsOf: (text: string) => readonly string[],
): Element[] => {
  const element = find(draft, key);
  if (element === undefined) return [];
  const names = [nameOf(element), answerName(element)].filter((name) => name !== '');
  const isRead = (text: string): boolean =>
    readsOf(text).some((read) =>
      names.some(
        (name) =>
          read.toLowerCase() === name.toLowerCase() ||
          (/^(-Comment$|[.[])/.test(read.slice(name.length)) &&
            read.slice(0, name.length).toLowerCase() === name.toLowerCase()),
      ),
    );
  return allOf(draft).filter((other) => {
    let reads = false;
    withConditions(other.props, (text) => {
      reads ||= isRead(text);
      return text;
    });
    return reads && other.key !== key;
  });
};

/** A place right behind an element: beside a question or panel, at the end of a page. */
export const placeAfter = (draft: Draft, key: string): Place => {
  const element = find(draft, key);
  const place = placeOf(draft, key);
  if (element === undefined || place === undefined) {
    const last = draft.pages.at(-1);
    return { parent: last?.key ?? '', index: last?.children.length ?? 0 };
  }
  if (element.kind === 'page') return { parent: key, index: element.children.length };
  return { parent: place.parent, index: place.index + 1 };
};
