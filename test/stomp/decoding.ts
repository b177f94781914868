import { FrameDecoder } from '../../src/stomp/decoder.js';
import { FrameHeaders, type StompVersion } from '../../src/stomp/frame.js';
import type { CodecLimits } from '../../src/stomp/limits.js';
import { ProtocolError } from '../../src/stomp/protocol-error.js';

export const allVersions: readonly StompVersion[] = ['1.0', '1.1', '1.2'];

/** A frame as plain data; the body as latin1 text, so that every octet is one character. */
export interface PlainFrame {
  readonly command: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export interface Outcome {
  readonly frames: readonly PlainFrame[];
  readonly heartbeats: number;
  /** The reason, and the limit if it was one. */
  readonly error: string | undefined;
}

export interface DecodingOptions {
  readonly version: StompVersion;
  readonly limits?: CodecLimits;
}

/** Decodes the chunks one after the other; whatever is thrown and is no ProtocolError passes through. */
export function decodeChunks(
  chunks: Iterable<Buffer>,
  options: DecodingOptions,
): Outcome & { maxPendingBytes: number } {
  const decoder = new FrameDecoder(options);
  const frames: PlainFrame[] = [];
  let heartbeats = 0;
  let maxPendingBytes = 0;
  let error: string | undefined;
  const sink = {
    frame: (frame: { command: string; headers: FrameHeaders; body: Buffer }) => {
      frames.push({ command: frame.command, headers: [...frame.headers], body: frame.body.toString('latin1') });
    },
    heartbeat: () => {
      heartbeats += 1;
    },
  };
  try {
    for (const chunk of chunks) {
      decoder.write(chunk, sink);
      maxPendingBytes = Math.max(maxPendingBytes, decoder.pendingBytes);
    }
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown;
    error = thrown.limit === undefined ? thrown.reason : `${thrown.reason} ${thrown.limit}`;
  }
  return { frames, heartbeats, error, maxPendingBytes };
}

/** Decodes one text or buffer as a single chunk. */
export function decodeWhole(input: string | Buffer, options: DecodingOptions): Outcome {
  const { frames, heartbeats, error } = decodeChunks([Buffer.from(input)], options);
  return { frames, heartbeats, error };
}

/** The octets cut at the given offsets, which need not be in order. */
export function cutAt(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const sorted = [...offsets.map((offset) => Math.min(offset, bytes.length)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  return sorted.map((to) => {
    // A copy, so that a decoder which reads beyond its chunk is found out.
    const piece = Buffer.from(bytes.subarray(from, to));
    from = to;
    return piece;
  });
}

/** Every way to cut the octets in two, and the cutting into single octets. */
export function* cuttings(bytes: Buffer): Generator<Buffer[]> {
  for (let at = 0; at <= bytes.length; at += 1) yield cutAt(bytes, [at]);
  yield cutAt(bytes, Array.from(bytes.keys()));
}

export function headersOf(...entries: readonly (readonly [string, string])[]): FrameHeaders {
  return new FrameHeaders(entries.flat());
}
