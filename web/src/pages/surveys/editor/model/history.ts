// What can be undone. Typing in one place counts as one step.
export interface Step<T> {
  readonly state: T;
  /** What was done to come here, for the person: "Delete “Age”". */
  readonly words: string;
  /** Changes with the same mark, one soon after the other, are one step. */
  readonly mark: string;
  readonly atMs: number;
}

/** At most so many steps are kept. */
export const stepsMax = 200;
const togetherMs = 3000;

export class History<T> {
  private constructor(
    readonly past: readonly Step<T>[],
    readonly present: T,
    readonly future: readonly Step<T>[],
  ) {}

  static of<T>(state: T): History<T> {
    return new History<T>([], state, []);
  }

  /** A step on; `mark` is empty for what is a step of its own. */
  then(state: T, words: string, mark: string, atMs: number): History<T> {
    if (state === this.present) return this;
    const last = this.past.at(-1);
    const isSame =
      mark !== '' &&
      last?.mark === mark &&
      atMs - last.atMs < togetherMs &&
      this.future.length === 0;
    const step = { state: isSame ? last.state : this.present, words, mark, atMs };
    const before = isSame ? this.past.slice(0, -1) : this.past;
    return new History<T>([...before, step].slice(-stepsMax), state, []);
  }

  get undoWords(): string | undefined {
    return this.past.at(-1)?.words;
  }
  get redoWords(): string | undefined {
    return this.future.at(-1)?.words;
  }

  undo(): History<T> {
    const last = this.past.at(-1);
    if (last === undefined) return this;
    const undone = { ...last, state: this.present, mark: '' };
    return new History<T>(this.past.slice(0, -1), last.state, [...this.future, undone]);
  }
  redo(): History<T> {
    const next = this.future.at(-1);
    if (next === undefined) return this;
    const redone = { ...next, state: this.present, mark: '' };
    return new History<T>([...this.past, redone], next.state, this.future.slice(0, -1));
  }

  /** The present put in another way by somebody else's change; every step back loses nothing of
      it only when it begins anew, so it does. */
  replaced(state: T): History<T> {
    return new History<T>([], state, []);
  }
}
