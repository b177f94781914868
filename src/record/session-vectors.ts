import { addRows, createColumns } from './column.js';

const sessionKinds = { session: 'uint16' } as const;
const maxSessions = 1 << 28;
/** Between two changes of sessions messages of several publishers lie, in hardly mixed order. */
const lookedBack = 8;

/**
 * In which session each subscriber of one destination got a message first, for messages of which nothing else is kept.
 * Two bytes a subscriber, and none for a message that came in the same sessions as one just before.
 */
export class SessionVectors {
  readonly #slots: number;
  readonly #columns = createColumns(sessionKinds, maxSessions);
  #count = 0;

  /** @param slots how many subscribers the destination has */
  constructor(slots: number) {
    this.#slots = slots;
  }

  /**
   * @param sessions of whom those from `first` on, one for each slot, are kept
   * @returns the number under which they are found again
   */
  keep(sessions: ArrayLike<number>, first: number): number {
    for (let vector = this.#count - 1; vector >= Math.max(0, this.#count - lookedBack); vector--) {
      if (this.#isSame(vector, sessions, first)) return vector;
    }
    const start = addRows(this.#columns, this.#columns.of.session.length, this.#slots);
    for (let slot = 0; slot < this.#slots; slot++) {
      this.#columns.of.session[start + slot] = sessions[first + slot] as number;
    }
    return this.#count++;
  }

  /** The session in which the subscriber at `slot` got a message. */
  sessionOf(vector: number, slot: number): number {
    return this.#columns.of.session[vector * this.#slots + slot] as number;
  }

  #isSame(vector: number, sessions: ArrayLike<number>, first: number): boolean {
    for (let slot = 0; slot < this.#slots; slot++) {
      if (this.sessionOf(vector, slot) !== sessions[first + slot]) return false;
    }
    return true;
  }
}
