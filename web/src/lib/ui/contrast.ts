/** Pairs of tokens that must be told apart: what stands on what, and the ratio it needs. */
export const contrastPairs: readonly (readonly [front: string, back: string, least: number])[] = [
  ...['paper', 'panel', 'raised', 'hover'].flatMap((back) => [
    ['ink', back, 7] as const,
    ['ink-soft', back, 4.5] as const,
    ['accent', back, 4.5] as const,
    ['good', back, 4.5] as const,
    ['bad', back, 4.5] as const,
    ['unsure', back, 4.5] as const,
    ['line-strong', back, 3] as const,
    ['focus', back, 3] as const,
  ]),
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-bad', 'bad', 4.5],
  ['ink', 'accent-wash', 7],
  ['accent', 'accent-wash', 4.5],
  ['ink', 'bad-wash', 7],
  ['bad', 'bad-wash', 4.5],
  ['accent', 'panel', 3],
];
