import { untrack } from 'svelte';

import { Sending } from '$lib/api/loaded.svelte';
import { unsaved } from '$lib/route/unsaved.svelte';
import { text } from '$lib/text/text';
import { toasts } from '$lib/ui/toasts.svelte';

import { mergeFields } from './merge';

/** A form on something that two people may change at once. `typed` is bound to the controls; each
    time `stored` is read anew, both are put together. Keeps what is typed from being left without
    a question. Made while a component is set up, and gone with it. */
export class MergedForm<T extends Record<string, string>> {
  typed: T;
  /** Fields both changed since; null while nobody else saved. */
  conflicts: readonly (keyof T)[] | null = $state.raw(null);
  readonly sending = new Sending();
  private base: T;
  private wasRefused = false;
  private readonly guard = unsaved.handle();

  /** `stored` gives the fields as they are stored; `changed` reads them again. */
  constructor(
    readonly stored: () => T,
    private readonly changed: () => void,
  ) {
    this.base = untrack(stored);
    this.typed = $state({ ...this.base });
    $effect(() => {
      const now = stored();
      untrack(() => this.follow(now));
    });
    $effect(() => this.guard.is(this.isChangedFrom(stored())));
    $effect(() => this.drop);
  }

  /** Stores what is typed. Where somebody else saved first (412) theirs is read, and the form shows
      both; other refusals stay in `sending`. */
  async save(send: () => Promise<{ waits: boolean }>): Promise<void> {
    let waits = false;
    const work = async (): Promise<void> => {
      ({ waits } = await send());
    };
    if (await this.sending.run(work)) {
      this.conflicts = null;
      this.guard.is(false);
      toasts.show(waits ? text.approvals.asked : text.saved);
      return this.changed();
    }
    if (this.sending.problem?.status !== 412) return;
    this.sending.problem = undefined;
    this.wasRefused = true;
    this.changed();
  }

  /** What is typed is of no use any more: what it was about is gone. */
  readonly drop = (): void => this.guard.drop();

  private isChangedFrom(stored: T): boolean {
    return Object.keys(stored).some((key) => this.typed[key] !== stored[key]);
  }

  private follow(stored: T): void {
    const { merged, conflicts } = mergeFields(this.base, { ...this.typed }, stored);
    this.base = stored;
    Object.assign(this.typed, merged);
    if (this.wasRefused) this.conflicts = conflicts;
    this.wasRefused = false;
  }
}
