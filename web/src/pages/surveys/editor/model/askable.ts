// What a condition can ask for: questions, statements of a table, lines, comments.
import { answerName, valueOf } from './change.ts';
import type { Operator } from './condition.ts';
import { hasChoices, isNumeric, isSeveral } from './catalogue.ts';
import {
  isFields,
  listOf,
  nameOf,
  questionsOf,
  textOf,
  typeOf,
  type Draft,
  type Element,
  type Fields,
  type Json,
} from './draft.ts';
import { shownOf } from './items.ts';
import { wordsOf } from './texts.ts';

export interface Answerable {
  /** What stands between the braces. */
  readonly name: string;
  readonly title: string;
  readonly shape: 'one' | 'several' | 'number' | 'text' | 'truth';
  /** What can be chosen; empty where it is typed. */
  readonly choices: readonly (readonly [value: string | number | boolean, text: string])[];
}

type Choice = Answerable['choices'][number];

const choiceOf = (item: Json): Choice[] => {
  const value = valueOf(item);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return [];
  return [[value, shownOf(item, 'choices')]];
};

const specials = [
  ['showOtherItem', 'other', 'otherText'],
  ['showNoneItem', 'none', 'noneText'],
  ['showDontKnowItem', 'dontknow', 'dontKnowText'],
  ['showRefuseItem', 'refused', 'refuseText'],
] as const;

/** Rates from the lowest to the highest. */
const ratesOf = (props: Fields): Choice[] => {
  const number = (name: string, otherwise: number): number =>
    textOf(props[name]) === '' ? otherwise : Number(props[name]);
  const min = number('rateMin', 1);
  const step = number('rateStep', 1);
  const count = number('rateCount', 0);
  const max =
    textOf(props['rateMax']) === '' && count > 0
      ? min + (count - 1) * step
      : number('rateMax', 5);
  if (!(step > 0) || !(max > min)) return [];
  const n = Math.min(200, Math.floor((max - min) / step + 1e-9) + 1);
  return Array.from({ length: n }, (_none, at) => {
    const value = Number((min + at * step).toPrecision(12));
    return [value, String(value)] as const;
  });
};

const choicesOf = (element: Element, special: (value: string) => string): Choice[] => {
  const { props } = element;
  const type = typeOf(element);
  if (type === 'rating') {
    const values = listOf(props['rateValues']).flatMap(choiceOf);
    return values.length > 0 ? values : ratesOf(props);
  }
  if (type === 'matrix') return listOf(props['columns']).flatMap(choiceOf);
  if (!hasChoices(type)) return [];
  const own = listOf(props['choices']).flatMap(choiceOf);
  const extra = specials
    .filter(([member, value]) => props[member] === true && !own.some(([one]) => one === value))
    .map(([, value, text]) => [value, wordsOf(props[text]) || special(value)] as const);
  return [...own, ...extra];
};

const partsOf = (element: Element, title: string, choices: readonly Choice[]): Answerable[] => {
  const name = answerName(element);
  const type = typeOf(element);
  if (type === 'matrix')
    return listOf(element.props['rows']).map((row) => ({
      name: `${name}.${textOf(valueOf(row))}`,
      title: `${title}: ${shownOf(row, 'rows')}`,
      shape: 'one',
      choices,
    }));
  return listOf(element.props['items']).map((item) => ({
    name: `${name}.${textOf(valueOf(item))}`,
    title: `${title}: ${shownOf(item, 'items')}`,
    shape: isFields(item) && isNumeric(textOf(item['inputType'])) ? 'number' : 'text',
    choices: [],
  }));
};

const shapeOf = (element: Element): Answerable['shape'] => {
  const type = typeOf(element);
  if (isSeveral(type)) return 'several';
  if (type === 'rating') return 'number';
  if (type === 'boolean') return 'truth';
  if (hasChoices(type)) return 'one';
  return isNumeric(textOf(element.props['inputType'])) ? 'number' : 'text';
};

const truthsOf = (props: Fields, words: { yes: string; no: string }): Choice[] => {
  const value = (member: string, otherwise: boolean): string | number | boolean => {
    const given = props[member];
    return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
      ? given
      : otherwise;
  };
  return [
    [value('valueTrue', true), wordsOf(props['labelTrue']) || words.yes],
    [value('valueFalse', false), wordsOf(props['labelFalse']) || words.no],
  ];
};

export interface AskWords {
  readonly yes: string;
  readonly no: string;
  readonly special: (value: string) => string;
  readonly comment: (title: string) => string;
}

/** Everything the conditions of one element can ask for, in the order of the document. */
export const answerablesOf = (draft: Draft, apart: string, words: AskWords): Answerable[] =>
  questionsOf(draft).flatMap((element) => {
    const type = typeOf(element);
    if (type === 'html' || element.key === apart || nameOf(element) === '') return [];
    const name = answerName(element);
    const title = wordsOf(element.props['title']) || name;
    const choices =
      type === 'boolean' ? truthsOf(element.props, words) : choicesOf(element, words.special);
    const isParted = type === 'matrix' || type === 'multipletext';
    const own: Answerable[] = isParted
      ? partsOf(element, title, choices)
      : [{ name, title, shape: shapeOf(element), choices }];
    const hasComment =
      element.props['showCommentArea'] === true || element.props['showOtherItem'] === true;
    const comment: Answerable[] = hasComment
      ? [{ name: `${name}-Comment`, title: words.comment(title), shape: 'text', choices: [] }]
      : [];
    return [...own, ...comment];
  });

/** Comparisons that make sense for an answer. */
export const operatorsFor = (shape: Answerable['shape']): readonly Operator[] => {
  switch (shape) {
    case 'truth':
      return ['=', '<>', 'empty', 'notempty'];
    case 'one':
      return ['=', '<>', 'anyof', 'noneof', 'empty', 'notempty'];
    case 'several':
      return ['contains', 'notcontains', 'anyof', 'allof', 'noneof', 'empty', 'notempty'];
    case 'number':
      return ['=', '<>', '>', '>=', '<', '<=', 'empty', 'notempty'];
    case 'text':
      return ['=', '<>', 'contains', 'notcontains', '>', '>=', '<', '<=', 'empty', 'notempty'];
  }
};
