import { mergeFields } from './merge';

/** What a form holds while two people may work on the same thing. `typed` is bound to the controls;
    `follow` is told what is stored each time it is read, and puts both together. */
export class MergedForm<T extends Record<string, string>> {
  typed: T;
  /** Fields both changed since; null while nobody else saved. */
  conflicts: readonly (keyof T)[] | null = $state.raw(null);
  private base: T;
  private wasRefused = false;

  constructor(stored: T) {
    this.base = stored;
    this.typed = $state({ ...stored });
  }

  isChangedFrom(stored: T): boolean {
    return Object.keys(stored).some((key) => this.typed[key] !== stored[key]);
  }

  /** Saving failed because somebody else saved first: the next `follow` brings theirs. */
  refused(): void {
    this.wasRefused = true;
  }

  saved(): void {
    this.conflicts = null;
  }

  follow(stored: T): void {
    const { merged, conflicts } = mergeFields(this.base, { ...this.typed }, stored);
    this.base = stored;
    Object.assign(this.typed, merged);
    if (this.wasRefused) this.conflicts = conflicts;
    this.wasRefused = false;
  }
}
