export type How = 'survey' | 'added' | 'removed' | 'moved' | 'changed';

export interface ChangeList {
  readonly how: How;
  readonly sentences: readonly string[];
}

type Told = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const fieldsOf = (value: unknown): Told =>
  typeof value === 'object' && value !== null ? (value as Told) : {};

/** Sentences on what was changed in an element do not name it. */
const sentenceOf = (one: unknown, how: How): string => {
  const fields = fieldsOf(one);
  const words = textOf(fields['words']);
  const title = textOf(fields['title']);
  return how === 'changed' && words !== '' && title !== '' ? `“${title}”: ${words}` : words;
};

/** The sentences of a comparison, by what happened; lists of nothing are left out. */
export const changesOf = (told: Readonly<Record<How, readonly unknown[]>>): ChangeList[] =>
  (['added', 'removed', 'changed', 'moved', 'survey'] as const)
    .map((how) => ({
      how,
      sentences: told[how].map((one) => sentenceOf(one, how)).filter((one) => one !== ''),
    }))
    .filter(({ sentences }) => sentences.length > 0);
