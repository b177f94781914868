/** Origins whose last sequence is remembered; the one silent longest is forgotten first. */
const maxOrigins = 4_096;

/** The parts of a message id `<origin>:<n>`, or undefined when it is made otherwise. */
export function idParts(id: string): { readonly origin: string; readonly sequence: number } | undefined {
  const colon = id.lastIndexOf(':');
  const sequence = Number(id.slice(colon + 1));
  return colon < 0 || !Number.isSafeInteger(sequence) ? undefined : { origin: id.slice(0, colon), sequence };
}

/** Knows repeated messages by their ids: `<origin>:<n>`, n increasing per origin. */
export class SeenSequences {
  readonly #last = new Map<string, number>();

  /** Remembers the id. @returns whether it, or a later one of its origin, came before */
  isRepeated(id: string): boolean {
    const parts = idParts(id);
    if (parts === undefined) return false;
    const { origin, sequence } = parts;
    const last = this.#last.get(origin);
    if (last !== undefined && sequence <= last) return true;
    // A Map keeps insertion order: re-inserting moves the origin to the young end.
    this.#last.delete(origin);
    this.#last.set(origin, sequence);
    if (this.#last.size > maxOrigins) {
      const oldest = this.#last.keys().next().value;
      if (oldest !== undefined) this.#last.delete(oldest);
    }
    return false;
  }
}
