/**
 * Random numbers that repeat: the same for the same seed.
 *
 * @module
 */

/** Random numbers from a seed, by mulberry32: 32 bits of state. */
export class Random {
  #state: number;

  /** Begins with a seed: any integer. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `end`, which is at most 2^32. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * end);
  }

  /** One of a list. */
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** 64 bits, small, large, aligned or at an edge. */
  u64(): bigint {
    const word = BigInt(this.below(2 ** 32)) << 32n |
      BigInt(this.below(2 ** 32));
    return BigInt.asUintN(
      64,
      this.of([
        word,
        word >> 20n,
        word & 0xffffn,
        word & ~0xfffn,
        -word & 0xffn,
        -1n - (word & 0xffn),
      ]),
    );
  }
}
