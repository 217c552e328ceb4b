export type How = 'survey' | 'added' | 'removed' | 'moved' | 'changed';

export interface ChangeList {
  readonly how: How;
  readonly sentences: readonly string[];
}

type Told = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const sentenceOf = (one: unknown): string =>
  typeof one === 'object' && one !== null ? textOf((one as Told)['words']) : '';

/** The sentences of a comparison, by what happened; lists of nothing are left out. */
export const changesOf = (told: Readonly<Record<How, readonly unknown[]>>): ChangeList[] =>
  (['added', 'removed', 'changed', 'moved', 'survey'] as const)
    .map((how) => ({ how, sentences: told[how].map(sentenceOf).filter((one) => one !== '') }))
    .filter(({ sentences }) => sentences.length > 0);
