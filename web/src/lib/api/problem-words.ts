import { text } from '$lib/text/text';

export interface FieldProblem {
  readonly field: string;
  readonly reason: string;
}

/** Our sentence for a code where the server's own is for programs; else what the server said. */
export const sentenceFor = (code: string, said: string): string => {
  const words: Readonly<Record<string, string>> = text.problems;
  return words[code] ?? (said || text.problems.unexpected);
};
