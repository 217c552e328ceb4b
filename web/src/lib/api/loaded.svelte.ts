import { asProblem, type Problem } from './problem';

/** One thing that is fetched: its value, or why there is none. Old values stay while it is fetched
    anew, so a page does not jump. */
export class Loaded<T> {
  value: T | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  isLoading = $state(false);
  private turn = 0;

  async load(fetchValue: () => Promise<T>): Promise<void> {
    const turn = ++this.turn;
    this.isLoading = true;
    try {
      const value = await fetchValue();
      if (turn !== this.turn) return;
      this.value = value;
      this.problem = undefined;
    } catch (thrown) {
      if (turn === this.turn) this.problem = asProblem(thrown);
    } finally {
      if (turn === this.turn) this.isLoading = false;
    }
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | number | null;
}

/** A list that is fetched page by page. `fetchPage` gets the `next` of the page before. */
export class Paged<T> {
  items: readonly T[] = $state.raw([]);
  next: string | null = $state(null);
  problem: Problem | undefined = $state.raw();
  isLoading = $state(false);
  isLoaded = $state(false);

  constructor(private readonly fetchPage: (after: string) => Promise<Page<T>>) {}

  /** From the beginning. */
  load(): Promise<void> {
    return this.take('', []);
  }

  more(): Promise<void> {
    return this.next === null ? Promise.resolve() : this.take(this.next, this.items);
  }

  private async take(after: string, before: readonly T[]): Promise<void> {
    this.isLoading = true;
    try {
      const page = await this.fetchPage(after);
      this.items = [...before, ...page.items];
      this.next = page.next === null ? null : String(page.next);
      this.problem = undefined;
      this.isLoaded = true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
    } finally {
      this.isLoading = false;
    }
  }
}

/** Something a person sends off: a form or one button. */
export class Sending {
  isBusy = $state(false);
  problem: Problem | undefined = $state.raw();

  /** Runs it once at a time; true when it worked. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.isBusy) return false;
    this.isBusy = true;
    this.problem = undefined;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.problem = asProblem(thrown);
      return false;
    } finally {
      this.isBusy = false;
    }
  }

  of(field: string): string | undefined {
    return this.problem?.of(field);
  }
}
