/**
 * A message of 64-bit words that grows.
 *
 * @module
 */

/** Words in the order of this machine, as oracle.c reads them. */
export class Words {
  #words = new BigUint64Array(1 << 12);
  #length = 0;

  /** Empties it; its room stays. */
  clear(): void {
    this.#length = 0;
  }

  /** Adds a word, mod 2^64. */
  push(word: bigint): void {
    if (this.#length === this.#words.length) this.#grow(1);
    this.#words[this.#length++] = word;
  }

  /** Adds bytes, padded to a word with zeroes. */
  pushBytes(bytes: Uint8Array): void {
    const words = (bytes.length + 7) >> 3;
    if (this.#length + words > this.#words.length) this.#grow(words);
    this.#words.fill(0n, this.#length, this.#length + words);
    new Uint8Array(this.#words.buffer).set(bytes, this.#length * 8);
    this.#length += words;
  }

  /** All of it, in memory that the next message does not touch. */
  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#words.buffer.slice(0, this.#length * 8));
  }

  #grow(by: number): void {
    const words = new BigUint64Array(2 * this.#words.length + by);
    words.set(this.#words);
    this.#words = words;
  }
}
