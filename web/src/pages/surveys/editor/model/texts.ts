// Texts in several languages: a member is a plain text, or an object of them with "default".
import { setMember } from './change.ts';
import {
  allOf,
  fieldsOf,
  isFields,
  listOf,
  nameOf,
  textOf,
  type Draft,
  type Element,
  type Fields,
  type Json,
} from './draft.ts';

/** Language of the plain texts. */
export const mainLanguage = (draft: Draft): string => {
  const named = textOf(draft.props['locale']);
  return named === '' || named === 'default' ? 'en' : named;
};

/** The text in a language; empty when it has none of its own. `language` is empty for the main. */
export const textIn = (value: Json | undefined, language = ''): string => {
  if (!isFields(value)) return language === '' ? textOf(value) : '';
  return textOf(value[language === '' ? 'default' : language]);
};

/** The text in the main language, else in the first that has one. */
export const wordsOf = (value: Json | undefined, main = ''): string => {
  if (!isFields(value)) return textOf(value);
  const words = value['default'] ?? value[main] ?? Object.values(value)[0];
  return textOf(words);
};

/** A member with its text in one language changed; undefined when nothing is left of it. */
export const withText = (
  value: Json | undefined,
  language: string,
  text: string,
): Json | undefined => {
  const all: Record<string, Json> = isFields(value)
    ? { ...value }
    : textOf(value) === ''
      ? {}
      : { default: textOf(value) };
  const name = language === '' ? 'default' : language;
  if (text === '') delete all[name];
  else all[name] = text;
  const names = Object.keys(all);
  if (names.length === 0) return undefined;
  return names.length === 1 && names[0] === 'default' ? all['default'] : all;
};

const textMembers = [
  'title',
  'description',
  'html',
  'placeholder',
  'minRateDescription',
  'maxRateDescription',
  'labelTrue',
  'labelFalse',
  'otherText',
  'otherPlaceholder',
  'noneText',
  'refuseText',
  'dontKnowText',
  'commentText',
  'requiredErrorText',
] as const;
const surveyMembers = [
  'title',
  'description',
  'pageNextText',
  'pagePrevText',
  'completeText',
  'completedHtml',
] as const;
const listMembers = ['choices', 'rateValues', 'columns', 'rows', 'items', 'validators'] as const;

/** One text of a draft that can be translated. */
export interface TextPlace {
  /** Key of the element; empty for the survey. */
  readonly key: string;
  /** Member path: "title", "choices/2/text". */
  readonly path: string;
  readonly value: Json;
}

/** A plain choice says its value. */
const listTexts = (element: Element): TextPlace[] =>
  listMembers.flatMap((list) =>
    listOf(element.props[list]).flatMap((item, at) => {
      const fields = fieldsOf(item);
      const members = list === 'items' ? ['title', 'placeholder'] : ['text'];
      return members.flatMap((member) => {
        const own = fields[member];
        const said = own ?? (member === 'text' ? sayingOf(item) : nameIn(fields, member));
        if (said === undefined || wordsOf(said) === '') return [];
        return [{ key: element.key, path: `${list}/${at}/${member}`, value: said }];
      });
    }),
  );
/** What a choice without a text shows: its value, unless that is a number. */
const sayingOf = (item: Json): Json | undefined => {
  const value = isFields(item) ? item['value'] : item;
  return typeof value === 'string' ? value : undefined;
};
const nameIn = (fields: Fields, member: string): Json | undefined =>
  member === 'title' ? fields['name'] : undefined;

const ownTexts = (element: Element): TextPlace[] =>
  textMembers.flatMap((member) => {
    const value = element.props[member];
    if (value !== undefined && wordsOf(value) !== '')
      return [{ key: element.key, path: member, value }];
    const isNamed = member === 'title' && element.kind === 'question' && nameOf(element) !== '';
    if (!isNamed || textOf(element.props['type']) === 'html') return [];
    return [{ key: element.key, path: member, value: nameOf(element) }];
  });

/** Every text respondents see, in the order of the document. */
export const textsOf = (draft: Draft): TextPlace[] => [
  ...surveyMembers.flatMap((member) => {
    const value = draft.props[member];
    return value === undefined || wordsOf(value) === '' ? [] : [{ key: '', path: member, value }];
  }),
  ...allOf(draft).flatMap((element) => [...ownTexts(element), ...listTexts(element)]),
];

/** Languages beside the main one, as the document has them. */
export const otherLanguages = (draft: Draft): string[] => {
  const main = mainLanguage(draft);
  const found = new Set<string>();
  for (const { value } of textsOf(draft))
    if (isFields(value)) for (const name of Object.keys(value)) found.add(name);
  found.delete('default');
  found.delete(main);
  return [...found].sort();
};

/** How many texts have no translation. */
export const missingIn = (draft: Draft, language: string): number =>
  textsOf(draft).filter(({ value }) => textIn(value, language) === '').length;

const rightToLeft = new Set(['ar', 'arc', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** Writing direction of a language tag. */
export const directionOf = (language: string): 'ltr' | 'rtl' =>
  rightToLeft.has(language.split(/[-_]/)[0]?.toLowerCase() ?? '') ? 'rtl' : 'ltr';

/** A language as the server takes it: "de", "pt-BR". */
export const isLanguage = (tag: string): boolean =>
  /^[a-zA-Z]{2,8}([-_][a-zA-Z0-9]{1,8})*$/.test(tag) && tag.length <= 35 && tag !== 'default';

/** Writes one text in a language. */
export const setTextAt = (
  draft: Draft,
  place: TextPlace,
  language: string,
  text: string,
): Draft => {
  const [member = '', index, part] = place.path.split('/');
  const value = withText(place.value, language, text);
  if (index === undefined || part === undefined)
    return setMember(draft, place.key, member, value);
  const element = allOf(draft).find((one) => one.key === place.key);
  const items = listOf(element?.props[member]).map((item, at) => {
    if (at !== Number(index)) return item;
    const fields = isFields(item) ? item : { value: item };
    const { [part]: _old, ...rest } = fields;
    return value === undefined ? rest : { ...rest, [part]: value };
  });
  return setMember(draft, place.key, member, items);
};

/** Takes every text of a language out. */
export const withoutLanguage = (draft: Draft, language: string): Draft =>
  textsOf(draft)
    .filter(({ value }) => textIn(value, language) !== '')
    .reduce((now, place) => setTextAt(now, place, language, ''), draft);
