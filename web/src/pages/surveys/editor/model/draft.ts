// A questionnaire while it is edited: the SurveyJS document as a tree whose pages, panels and
// questions keep their key through renames and moves. Nothing is ever changed in place, so a draft
// can be kept for undoing. No Svelte here.

export type Json = null | boolean | number | string | readonly Json[] | Fields;
export interface Fields {
  readonly [name: string]: Json;
}

export type Kind = 'page' | 'panel' | 'question';

export interface Element {
  /** Of this editing session; never stored. */
  readonly key: string;
  readonly kind: Kind;
  /** Its members in the document, but for those that hold other elements. */
  readonly props: Fields;
  /** Of pages and panels. */
  readonly children: readonly Element[];
}

export interface Draft {
  /** Members of the survey itself. */
  readonly props: Fields;
  readonly pages: readonly Element[];
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const listOf = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

/** Spellings of older SurveyJS documents, and what is written now. */
const newer: Readonly<Record<string, string>> = {
  hasOther: 'showOtherItem',
  hasNone: 'showNoneItem',
  hasComment: 'showCommentArea',
  placeHolder: 'placeholder',
  otherPlaceHolder: 'otherPlaceholder',
  autoComplete: 'autocomplete',
  isAllRowRequired: 'eachRowRequired',
  mininumRateDescription: 'minRateDescription',
  maximumRateDescription: 'maxRateDescription',
};

/** Members that hold elements or the kind of an element; the tree has them. */
const structural = new Set(['pages', 'elements', 'questions']);

const withNewerNames = (given: Fields): Fields => {
  const props: Record<string, Json> = {};
  for (const [name, value] of Object.entries(given)) {
    if (structural.has(name)) continue;
    const now = newer[name] ?? name;
    if (now !== name && given[now] !== undefined && given[now] !== null) continue;
    props[now] = value;
  }
  return props;
};

let serial = 0;
export const freshKey = (): string => `e${++serial}`;

/** What tells an element in another reading of the document: kind and name. */
const identityOf = (kind: Kind, props: Fields): string =>
  textOf(props['name']) === '' ? '' : `${kind}:${textOf(props['name'])}`;

/** Keys of a draft by identity, so that another reading gets the same ones. Elements without a
    name are told by what they say. */
const keysOf = (like: Draft | undefined): Map<string, string[]> => {
  const keys = new Map<string, string[]>();
  for (const element of like === undefined ? [] : allOf(like)) {
    const known =
      identityOf(element.kind, element.props) || sayingOf(element.kind, element.props);
    keys.set(known, [...(keys.get(known) ?? []), element.key]);
  }
  return keys;
};
const sayingOf = (kind: Kind, props: Fields): string => `${kind}=${JSON.stringify(props)}`;

/** Every page, panel and question in the order of the document. */
export const allOf = (draft: Draft): Element[] => {
  const found: Element[] = [];
  const visit = (element: Element): void => {
    found.push(element);
    element.children.forEach(visit);
  };
  draft.pages.forEach(visit);
  return found;
};
export const questionsOf = (draft: Draft): Element[] =>
  allOf(draft).filter((element) => element.kind === 'question');

/**
 * Reads a document. `like`: elements of the same kind and name get the keys they have there.
 * Takes any document the server takes; what this console does not know of stays in `props`.
 */
export const readDraft = (document: unknown, like?: Draft): Draft => {
  const known = keysOf(like);
  const element = (given: Json, kind: Kind): Element => {
    const fields = fieldsOf(given);
    const props = withNewerNames(fields);
    const name = identityOf(kind, props) || sayingOf(kind, props);
    const key = known.get(name)?.shift() ?? freshKey();
    const inner = kind === 'question' ? [] : listOf(fields['elements'] ?? fields['questions']);
    const children = inner.map((one) =>
      element(one, textOf(fieldsOf(one)['type']) === 'panel' ? 'panel' : 'question'),
    );
    return { key, kind, props, children };
  };
  const whole = fieldsOf(document);
  const pages = listOf(whole['pages']);
  const single = listOf(whole['elements'] ?? whole['questions']);
  const all: readonly Json[] =
    pages.length > 0 ? pages : [{ name: 'page1', elements: single as Json }];
  return { props: withNewerNames(whole), pages: all.map((page) => element(page, 'page')) };
};

const documentOf = (element: Element): Fields =>
  element.kind === 'question'
    ? element.props
    : { ...element.props, elements: element.children.map(documentOf) };

/** The document to be stored. */
export const writeDraft = (draft: Draft): Fields => ({
  ...draft.props,
  pages: draft.pages.map(documentOf),
});

/** Same content, whatever the order of members. */
export const isSame = (a: Json | undefined, b: Json | undefined): boolean => {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((one: Json, at) => isSame(one, b[at] as Json))
    );
  if (!isFields(a) || !isFields(b)) return false;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => isSame(a[name], b[name]));
};

export const find = (draft: Draft, key: string): Element | undefined =>
  allOf(draft).find((element) => element.key === key);

export interface Place {
  /** Key of the page or panel around it; empty for pages. */
  readonly parent: string;
  readonly index: number;
}

/** Where an element stands. */
export const placeOf = (draft: Draft, key: string): Place | undefined => {
  const at = draft.pages.findIndex((page) => page.key === key);
  if (at >= 0) return { parent: '', index: at };
  for (const box of allOf(draft)) {
    const index = box.children.findIndex((child) => child.key === key);
    if (index >= 0) return { parent: box.key, index };
  }
  return undefined;
};

/** The page an element stands on, or is. */
export const pageOf = (draft: Draft, key: string): Element | undefined =>
  draft.pages.find((page) => page.key === key || inside(page, key));

/** Whether an element stands within another one. */
export const inside = (box: Element, key: string): boolean =>
  box.children.some((child) => child.key === key || inside(child, key));

export const siblingsOf = (draft: Draft, parent: string): readonly Element[] =>
  parent === '' ? draft.pages : (find(draft, parent)?.children ?? []);

export const typeOf = (element: Element): string =>
  element.kind === 'question' ? textOf(element.props['type']) : element.kind;

export const nameOf = (element: Element): string => textOf(element.props['name']);
