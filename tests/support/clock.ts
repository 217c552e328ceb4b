// The test clock, aimed at: one second before a limit and one second after it.
import { setTimeout as pause } from 'node:timers/promises';

import type { Probity } from './probity.ts';

const jobsLimitMs = 120_000;

export const nowOf = async (probity: Probity): Promise<number> => {
  const got = await probity.ask('GET', '/api/v1/test/clock');
  return Date.parse(got.json.now);
};

/** Moves the clock and waits for the jobs that fell due, also when they take long. */
const advance = async (probity: Probity, seconds: number): Promise<void> => {
  const moved = await probity.ask('POST', '/api/v1/test/clock', { body: { advance_s: seconds } });
  if (moved.status === 200) return;
  if (moved.status !== 202) throw new Error(`the clock: ${moved.status} ${moved.text}`);
  await probity.until('the jobs that fell due', async () => {
    const got = await probity.ask('POST', '/api/v1/test/clock', { body: { advance_s: 0 } });
    return got.status === 200;
  }, jobsLimitMs);
};

/** The clock runs on while jobs do their work, so the last way goes in short steps. */
const stepsBefore = [600_000, 60_000, 5_000, 0];

/** Moves the clock to a moment, to the millisecond but for the way of the request. */
export const moveTo = async (probity: Probity, moment: number): Promise<void> => {
  for (const before of stepsBefore) {
    const seconds = Math.floor((moment - before - await nowOf(probity)) / 1000);
    if (seconds > 0) await advance(probity, seconds);
  }
  const left = moment - await nowOf(probity);
  if (left < -900) throw new Error(`the clock is ${-left} ms past the moment`);
  await pause(Math.max(0, left));
};

/** Moves the clock to about that moment, where a few seconds more matter to nothing. */
export const moveNear = async (probity: Probity, moment: number): Promise<void> => {
  const seconds = Math.floor((moment - await nowOf(probity)) / 1000);
  if (seconds > 0) await advance(probity, seconds);
};

export const justBefore = (probity: Probity, limit: number): Promise<void> =>
  moveTo(probity, limit - 1000);

export const justAfter = (probity: Probity, limit: number): Promise<void> =>
  moveTo(probity, limit + 1000);
