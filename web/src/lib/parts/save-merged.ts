import type { Sending } from '$lib/api/loaded.svelte';
import { text } from '$lib/text/text';
import { toasts } from '$lib/ui/toasts.svelte';

import type { MergedForm } from './merged-form.svelte';

interface Form<T extends Record<string, string>> {
  merged: MergedForm<T>;
  sending: Sending;
  guard: { is: (dirty: boolean) => void };
  /** Reads again what is stored. */
  changed: () => void;
}

/** Stores a form that somebody else may have changed meanwhile: then (412) theirs is read, and the
    form shows both. Other refusals stay in `sending`. */
export const saveMerged = async <T extends Record<string, string>>(
  { merged, sending, guard, changed }: Form<T>,
  send: () => Promise<unknown>,
): Promise<void> => {
  if (await sending.run(send)) {
    merged.saved();
    guard.is(false);
    toasts.show(text.saved);
    return changed();
  }
  if (sending.problem?.status !== 412) return;
  sending.problem = undefined;
  merged.refused();
  changed();
};
