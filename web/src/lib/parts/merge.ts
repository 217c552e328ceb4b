export interface Merged<T> {
  /** What the form shows next. */
  readonly merged: T;
  /** Fields that both changed, and differently: the form keeps mine, the reader must decide. */
  readonly conflicts: readonly (keyof T)[];
}

/** Puts together what one person typed and another one saved meanwhile, field by field: a field
    only one of them changed is theirs who changed it. */
export const mergeFields = <T extends Record<string, string>>(
  base: T,
  mine: T,
  theirs: T,
): Merged<T> => {
  const merged: Record<string, string> = { ...mine };
  const conflicts: (keyof T)[] = [];
  for (const key of Object.keys(base)) {
    if (mine[key] === base[key]) merged[key] = theirs[key] ?? '';
    else if (theirs[key] !== base[key] && theirs[key] !== mine[key]) conflicts.push(key);
  }
  return { merged: merged as T, conflicts };
};
