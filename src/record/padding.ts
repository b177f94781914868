import { crc32c } from './crc32c.js';

/** The bytes that bring a body to its size, and their CRC-32C. */
export interface Padding {
  readonly bytes: Buffer;
  readonly crc: number;
}

/** Sizes kept ready. A run has a handful; beyond the limit a padding is made anew each time: slower, never wrong. */
const keptSizes = 64;
const kept = new Map<number, Padding>();

/** Letters and digits only: legal in every STOMP body, in JSON strings and on every terminal. */
const alphabet = Buffer.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_', 'latin1');

function makePadding(sizeBytes: number): Padding {
  const bytes = Buffer.allocUnsafe(sizeBytes);
  // A multiplicative walk with a period far beyond 64: a shifted or repeated stretch does not look like the original.
  let state = (sizeBytes * 2 + 1) >>> 0;
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = alphabet[state >>> 26] as number;
  }
  return { bytes, crc: crc32c(bytes) };
}

/** The padding of a size: always the same printable ASCII, so writer and reader agree without talking. */
export function paddingOf(sizeBytes: number): Padding {
  const known = kept.get(sizeBytes);
  if (known !== undefined) return known;
  const made = makePadding(sizeBytes);
  if (kept.size < keptSizes) kept.set(sizeBytes, made);
  return made;
}
