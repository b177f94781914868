/** The last `capacity` things that were pushed; older ones are dropped. */
export class Ring<T> {
  readonly #capacity: number;
  #items: T[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(item: T): void {
    this.#items.push(item);
    // Cut in batches: shifting one by one would cost a copy per push.
    if (this.#items.length >= this.#capacity * 2) this.#items = this.#items.slice(-this.#capacity);
  }

  /** Oldest first. */
  toArray(): T[] {
    return this.#items.slice(-this.#capacity);
  }
}
