// What is done to an element from the list and from its properties alike.
import { editorText } from '$lib/text/editor-text';
import { toasts } from '$lib/ui/toasts.svelte';

import type { Editor } from './editor.svelte';
import { duplicate, moveTo, readersOf, remove, step } from './model/change.ts';
import { readsOf } from './model/condition.ts';
import {
  find,
  nameOf,
  pageOf,
  placeOf,
  siblingsOf,
  textOf,
  typeOf,
  type Draft,
  type Element,
} from './model/draft.ts';
import { wordsOf } from './model/texts.ts';

const t = editorText;

/** What an element is called in front of the person. */
export const titleOf = (element: Element, language = ''): string => {
  const own = wordsOf(element.props['title'], language);
  if (own !== '') return own;
  if (typeOf(element) === 'html') {
    const plain = textOf(wordsOf(element.props['html'], language)).replace(/<[^>]*>/g, ' ');
    return plain.trim().slice(0, 80) || nameOf(element) || t.untitled;
  }
  return nameOf(element) || t.untitled;
};

export const pageTitleOf = (draft: Draft, page: Element, language: string): string =>
  wordsOf(page.props['title'], language) ||
  t.page(draft.pages.findIndex((one) => one.key === page.key) + 1);

const standing = (editor: Editor, key: string): string => {
  const place = placeOf(editor.draft, key);
  const page = pageOf(editor.draft, key);
  if (place === undefined || page === undefined) return '';
  const of = siblingsOf(editor.draft, place.parent).length;
  return t.position(place.index + 1, of, pageTitleOf(editor.draft, page, editor.language));
};

/** One step up or down; answers with words on where it is now, undefined when it stays. */
export const stepWithWords = (editor: Editor, key: string, by: -1 | 1): string | undefined => {
  const element = find(editor.draft, key);
  const now = step(editor.draft, key, by);
  if (element === undefined || now === editor.draft) return undefined;
  editor.do(now, t.did.move(titleOf(element)));
  return t.moved(titleOf(element, editor.language), standing(editor, key));
};

/** Deletes at once, with a way back, and says whose conditions ask for what is gone. */
export const removeWithUndo = (editor: Editor, key: string): void => {
  const element = find(editor.draft, key);
  if (element === undefined) return;
  // A page stays, so that there is a place for questions.
  if (element.kind === 'page' && editor.draft.pages.length === 1) return;
  const title = titleOf(element, editor.language);
  const readers = readersOf(editor.draft, key, readsOf).map((one) => titleOf(one));
  editor.do(remove(editor.draft, key), t.did.remove(title));
  const more = readers.length === 0 ? '' : ` ${t.removedRead(readers.join(', '))}`;
  const after = editor.draft;
  toasts.show(t.removed(title) + more, () => {
    if (editor.draft === after) editor.undo();
    else editor.bringBack(element, key);
  });
};

export const duplicateIt = (editor: Editor, key: string): void => {
  const element = find(editor.draft, key);
  if (element === undefined) return;
  editor.make(duplicate(editor.draft, key), t.did.duplicate(titleOf(element)));
};

export const moveToPage = (editor: Editor, key: string, page: string): void => {
  const element = find(editor.draft, key);
  const box = find(editor.draft, page);
  if (element === undefined || box === undefined) return;
  const place = { parent: page, index: box.children.length };
  editor.do(moveTo(editor.draft, key, place), t.did.move(titleOf(element)));
};
