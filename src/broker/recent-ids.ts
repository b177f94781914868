import { ownText } from '../core/own-text.js';

/** Ids of the recent past, bounded: the one that was added first is forgotten first. */
export class RecentIds {
  readonly #maxIds: number;
  readonly #ids = new Set<string>();

  constructor(maxIds: number) {
    this.#maxIds = maxIds;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(ownText(id));
    if (this.#ids.size <= this.#maxIds) return;
    const oldest = this.#ids.values().next().value;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  /** @returns whether it was there */
  delete(id: string): boolean {
    return this.#ids.delete(id);
  }
}
