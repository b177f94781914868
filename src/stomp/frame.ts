export type StompVersion = '1.0' | '1.1' | '1.2';

/** WebSocket sub-protocol names in order of preference. */
export const subprotocols = ['v12.stomp', 'v11.stomp', 'v10.stomp'] as const;

/**
 * The headers of a frame, in order. Of repeated headers the first wins [STOMP 1.2, Repeated Header
 * Entries]. Kept as a flat list of names and values: frames have few headers, and no name such as
 * `__proto__` can do harm.
 */
export class FrameHeaders implements Iterable<readonly [name: string, value: string]> {
  static readonly none = new FrameHeaders([]);
  readonly #flat: readonly string[];

  /** @param flat name, value, name, value … */
  constructor(flat: readonly string[]) {
    this.#flat = flat;
  }

  static of(entries: Readonly<Record<string, string>>): FrameHeaders {
    return new FrameHeaders(Object.entries(entries).flat());
  }

  get(name: string): string | undefined {
    const flat = this.#flat;
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1];
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Number of header lines, repeated ones included. */
  get size(): number {
    return this.#flat.length / 2;
  }

  /** The same headers without those named. */
  without(names: ReadonlySet<string>): FrameHeaders {
    const kept: string[] = [];
    for (const [name, value] of this) if (!names.has(name)) kept.push(name, value);
    return new FrameHeaders(kept);
  }

  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (let i = 0; i < this.#flat.length; i += 2) yield [this.#flat[i] as string, this.#flat[i + 1] as string];
  }
}

export interface Frame {
  readonly command: string;
  readonly headers: FrameHeaders;
  readonly body: Buffer;
}

export const noBody: Buffer = Buffer.alloc(0);
