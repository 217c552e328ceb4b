// The kinds of questions: what each begins with, what it may carry, what it can become.
import type { Fields } from './draft.ts';

export const questionTypes = [
  'radiogroup',
  'checkbox',
  'dropdown',
  'tagbox',
  'rating',
  'boolean',
  'ranking',
  'matrix',
  'text',
  'comment',
  'multipletext',
  'html',
] as const;
export type QuestionType = (typeof questionTypes)[number];

export const isQuestionType = (type: string): type is QuestionType =>
  (questionTypes as readonly string[]).includes(type);

const several = (one: string, n: number): string[] =>
  Array.from({ length: n }, (_none, at) => `${one} ${at + 1}`);

/** Wording a new question begins with, in the language of the editor's texts. */
export interface BeginWords {
  readonly choice: string;
  readonly row: string;
  readonly column: string;
  readonly item: string;
  readonly html: string;
}

/** Members of a new question, without its name. */
export const beginningOf = (type: QuestionType, words: BeginWords): Fields => {
  switch (type) {
    case 'radiogroup':
    case 'checkbox':
    case 'dropdown':
    case 'tagbox':
    case 'ranking':
      return { type, choices: several(words.choice, 3) };
    case 'rating':
      return { type, rateMin: 0, rateMax: 10 };
    case 'matrix':
      return { type, columns: several(words.column, 3), rows: several(words.row, 2) };
    case 'multipletext':
      return { type, items: several(words.item, 2).map((name) => ({ name })) };
    case 'html':
      return { type, html: words.html };
    case 'boolean':
    case 'text':
    case 'comment':
      return { type };
  }
};

const select = ['radiogroup', 'checkbox', 'dropdown', 'tagbox', 'ranking'];
export const hasChoices = (type: string): boolean =>
  select.includes(type) || type === 'buttongroup';
export const isSeveral = (type: string): boolean =>
  ['checkbox', 'tagbox', 'ranking'].includes(type);
export const isAnswered = (type: string): boolean => type !== 'html' && type !== 'panel';

const texts = ['text', 'comment'];

/** What a question can become without losing what respondents read. */
export const becomes = (type: string): readonly string[] => {
  if (hasChoices(type)) return select;
  return texts.includes(type) ? texts : [type];
};

const everywhere = [
  'name',
  'title',
  'description',
  'visible',
  'visibleIf',
  'isRequired',
  'requiredIf',
  'titleLocation',
  'requiredErrorText',
  'defaultValue',
  'validators',
  'valueName',
  'showCommentArea',
  'commentText',
];
const ofChoices = [
  'choices',
  'showOtherItem',
  'showNoneItem',
  'showRefuseItem',
  'showDontKnowItem',
  'otherText',
  'noneText',
  'refuseText',
  'dontKnowText',
  'otherPlaceholder',
];
const ofSeveral = ['minSelectedChoices', 'maxSelectedChoices'];
const ofText = ['placeholder', 'maxLength'];

/** Members a question keeps when it becomes another type: what the other one cannot carry goes,
    also a preset answer of another shape. */
export const asType = (props: Fields, type: string): Fields => {
  const may = new Set([
    ...everywhere,
    ...(hasChoices(type) ? ofChoices : []),
    ...(isSeveral(type) ? ofSeveral : []),
    ...(texts.includes(type) ? ofText : []),
  ]);
  const wasSeveral = isSeveral(String(props['type']));
  if (wasSeveral !== isSeveral(type)) may.delete('defaultValue');
  if (type === 'ranking') may.delete('showOtherItem');
  const kept = Object.entries(props).filter(([name]) => may.has(name));
  return { type, ...Object.fromEntries(kept) };
};

export const inputTypes = [
  'text',
  'number',
  'date',
  'datetime-local',
  'time',
  'month',
  'week',
  'email',
  'url',
  'tel',
  'range',
  'color',
  'password',
] as const;

export const isNumeric = (input: string): boolean => input === 'number' || input === 'range';
export const isTemporal = (input: string): boolean =>
  ['date', 'datetime-local', 'time', 'month', 'week'].includes(input);

/** What a browser can fill in for people. */
export const autocompletes = [
  '',
  'name',
  'given-name',
  'family-name',
  'organization',
  'organization-title',
  'email',
  'tel',
  'street-address',
  'postal-code',
  'country-name',
  'bday',
  'language',
  'url',
] as const;

export const validatorTypes = ['numeric', 'text', 'answercount', 'email', 'expression'] as const;

/** Rules that make sense for a type. */
export const validatorsFor = (type: string): readonly string[] => {
  if (isSeveral(type)) return ['answercount', 'expression'];
  if (texts.includes(type) || type === 'multipletext')
    return ['numeric', 'text', 'email', 'expression'];
  return ['expression'];
};
