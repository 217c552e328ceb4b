// What the long variants share: whether they are asked for, and repeatable randomness.

/** `./test --deep` asks for the long variants. */
export const isDeep = process.env['PROBITY_DEEP'] === '1';

/** How far towards the long run, from 0 to 1; less than 1 when the time is bounded. */
const scale = isDeep ? Number(process.env['PROBITY_DEEP_SCALE'] ?? '1') : 0;

/** One number for the quick run, another for the long one; whole ones between them. */
export const quickOrDeep = (quick: number, long: number): number =>
  Math.round(quick + (long - quick) * scale);

/** Random numbers that a seed repeats (mulberry32), so that a failure can be run again. */
export class Random {
  private state: number;

  constructor(readonly seed: number = Date.now() % 2 ** 31) {
    this.state = seed;
  }

  /** In [0, 1). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low));
  }

  pick<T>(from: readonly T[]): T {
    const found = from[this.between(0, from.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }

  /** Letters no dictionary has, for canaries. */
  word(length = 16): string {
    let made = '';
    while (made.length < length) made += 'bcdfghjklmnpqrstvwxz'[this.between(0, 20)];
    return made;
  }
}
