import { ownText } from '../core/own-text.js';

/** Origins whose last sequence is remembered; the one silent longest is forgotten first. */
const maxOrigins = 4_096;

/** The parts of a message id `<origin>:<n>`, or undefined when it is made otherwise. */
export function idParts(id: string): { readonly origin: string; readonly sequence: number } | undefined {
  const colon = id.lastIndexOf(':');
  const sequence = Number(id.slice(colon + 1));
  return colon < 0 || !Number.isSafeInteger(sequence) ? undefined : { origin: id.slice(0, colon), sequence };
}

interface Seen {
  readonly origin: string;
  /** The last sequence of it. */
  sequence: number;
}

/** Knows repeated messages by their ids: `<origin>:<n>`, n increasing per origin. */
export class SeenSequences {
  readonly #byOrigin = new Map<string, Seen>();

  /** Remembers the id. @returns whether it, or a later one of its origin, came before */
  isRepeated(id: string): boolean {
    const parts = idParts(id);
    if (parts === undefined) return false;
    const { origin, sequence } = parts;
    const known = this.#byOrigin.get(origin);
    if (known !== undefined && sequence <= known.sequence) return true;
    const seen = known ?? { origin: ownText(origin), sequence };
    seen.sequence = sequence;
    // A Map keeps insertion order: re-inserting moves the origin to the young end.
    this.#byOrigin.delete(seen.origin);
    this.#byOrigin.set(seen.origin, seen);
    if (this.#byOrigin.size > maxOrigins) {
      const oldest = this.#byOrigin.keys().next().value;
      if (oldest !== undefined) this.#byOrigin.delete(oldest);
    }
    return false;
  }
}
