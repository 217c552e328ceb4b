/** Keeps what was typed from being lost by leaving. A form says `unsaved.is(true)` while it differs
    from what is stored, and false when it is sent or taken down. */
class Unsaved {
  private marks = new Map<symbol, (() => Promise<void>) | undefined>();
  /** Somebody wants to leave and must answer; the shell shows the question. */
  question: ((leave: boolean) => void) | null = $state(null);

  /** A handle for one form. `settle` stores what is typed when somebody wants to leave, where a
      form does that by itself; the question is asked only about what is left. */
  handle(settle?: () => Promise<void>): { is: (dirty: boolean) => void; drop: () => void } {
    const mark = Symbol();
    return {
      is: (dirty) => {
        dirty ? this.marks.set(mark, settle) : this.marks.delete(mark);
      },
      drop: () => {
        this.marks.delete(mark);
      },
    };
  }

  get isAny(): boolean {
    return this.marks.size > 0;
  }

  /** Stores what forms store by themselves; `isAny` then tells what is left. */
  async settle(): Promise<void> {
    await Promise.all([...this.marks.values()].map((settle) => settle?.()));
  }

  async mayLeave(): Promise<boolean> {
    await this.settle();
    if (!this.isAny) return true;
    return new Promise((done) => {
      this.question = (leave) => {
        this.question = null;
        if (leave) this.marks.clear();
        done(leave);
      };
    });
  }

  /** The browser's own question when the window is closed or reloaded. */
  guardWindow(): () => void {
    const guard = (event: BeforeUnloadEvent): void => {
      if (this.isAny) event.preventDefault();
    };
    addEventListener('beforeunload', guard);
    return () => removeEventListener('beforeunload', guard);
  }
}

export const unsaved = new Unsaved();
