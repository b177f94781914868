import { crc32c } from './crc32c.js';
import { paddingOf } from './padding.js';

/**
 * The body of every message that a run sends: fixed-width printable ASCII, lower-case hexadecimal,
 * then padding up to the asked size. Offsets in bytes:
 * magic 0–2 · run 3–10 · kind 11 · publisher 12–17 · epoch 18–21 · destination 22–27 · sequence 28–35 ·
 * intended µs 36–48 · written µs 49–61 · check 62–69 · padding 70–.
 */
export const stampBytes = 70;

const magic = Buffer.from('cc1', 'latin1');

/** `m` a message of the load, `w` of the warm-up, `f` a fence, `d` the last fence of the drain, `c` a canary. */
export type StampKind = 'm' | 'w' | 'f' | 'd' | 'c';

export interface Stamp {
  /** 32 bits; `runNumber` turns a run id into it. */
  readonly runNumber: number;
  readonly kind: StampKind;
  /** Client index of the sender, below 2^24. */
  readonly publisher: number;
  /** The sender's session number, below 2^16. */
  readonly epoch: number;
  /** Destination index, below 2^24. */
  readonly destination: number;
  /** Below 2^32. */
  readonly sequence: number;
  /** Whole microseconds of core/clock, below 2^52; fractions are cut off. */
  readonly intendedAtMicros: number;
  readonly writtenAtMicros: number;
}

/** A stamp that `readStamp` fills again and again: arrivals must not allocate. */
export type StampReading = { -readonly [Field in keyof Stamp]: Stamp[Field] };

/** Why a body is not a message of ours: it never was one, or it was changed on its way. */
export type StampFault = 'no-stamp' | 'corrupt';

export function emptyReading(): StampReading {
  return {
    runNumber: 0,
    kind: 'm',
    publisher: 0,
    epoch: 0,
    destination: 0,
    sequence: 0,
    intendedAtMicros: 0,
    writtenAtMicros: 0,
  };
}

/** The 32 bits that stand for a run id in stamps: the id itself where it is 8 hexadecimal digits, else its CRC. */
export function runNumber(runId: string): number {
  return /^[0-9a-f]{8}$/.test(runId) ? Number.parseInt(runId, 16) : crc32c(Buffer.from(runId, 'utf8'));
}

const kindByte: Readonly<Record<StampKind, number>> = { m: 0x6d, w: 0x77, f: 0x66, d: 0x64, c: 0x63 };
const kindOfByte: (StampKind | undefined)[] = [];
for (const kind of ['m', 'w', 'f', 'd', 'c'] as const) kindOfByte[kindByte[kind]] = kind;

const digits = Buffer.from('0123456789abcdef', 'latin1');
/** Value of a hexadecimal digit; 255 for any other byte, also for upper case, so that every flip is seen. */
const digitValue = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) digitValue[digits[value] as number] = value;

const two32 = 4294967296;
/** Sticky: set by `readHex` when it meets a byte that is no digit, so that one test at the end serves all fields. */
let badDigit = 0;

function readHex(body: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = digitValue[body[i] as number] as number;
    badDigit |= digit;
    value = (value << 4) | (digit & 15);
  }
  return value >>> 0;
}

function writeHex(body: Buffer, from: number, to: number, value: number): void {
  let rest = value;
  for (let i = to - 1; i >= from; i--) {
    body[i] = digits[rest & 15] as number;
    rest >>>= 4;
  }
}

/** One step of the head's checksum. Bijective in both arguments: changing one field always changes the sum. */
function fold(sum: number, field: number): number {
  const mixed = Math.imul(sum ^ field, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

function headSum(stamp: Stamp): number {
  let sum = fold(0x63633100, stamp.runNumber);
  sum = fold(sum, kindByte[stamp.kind]);
  sum = fold(sum, stamp.publisher);
  sum = fold(sum, stamp.epoch);
  sum = fold(sum, stamp.destination);
  sum = fold(sum, stamp.sequence);
  sum = fold(sum, Math.floor(stamp.intendedAtMicros / two32));
  sum = fold(sum, stamp.intendedAtMicros >>> 0);
  sum = fold(sum, Math.floor(stamp.writtenAtMicros / two32));
  return fold(sum, stamp.writtenAtMicros >>> 0);
}

/**
 * The body of a message. The check field is the CRC-32C of the padding combined with a checksum of the head:
 * every change of a single byte anywhere in the body is detected for certain, any other change but once in 2^32.
 * @param sizeBytes of the whole body; smaller than `stampBytes` means `stampBytes`
 */
export function writeStamp(stamp: Stamp, sizeBytes: number): Buffer {
  const body = Buffer.allocUnsafe(Math.max(sizeBytes, stampBytes));
  const padding = paddingOf(body.length - stampBytes);
  magic.copy(body, 0);
  writeHex(body, 3, 11, stamp.runNumber);
  body[11] = kindByte[stamp.kind];
  writeHex(body, 12, 18, stamp.publisher);
  writeHex(body, 18, 22, stamp.epoch);
  writeHex(body, 22, 28, stamp.destination);
  writeHex(body, 28, 36, stamp.sequence);
  writeHex(body, 36, 41, Math.floor(stamp.intendedAtMicros / two32));
  writeHex(body, 41, 49, stamp.intendedAtMicros >>> 0);
  writeHex(body, 49, 54, Math.floor(stamp.writtenAtMicros / two32));
  writeHex(body, 54, 62, stamp.writtenAtMicros >>> 0);
  writeHex(body, 62, 70, headSum(stamp) ^ padding.crc);
  padding.bytes.copy(body, stampBytes);
  return body;
}

/** CRC of the padding. It is nearly always the very padding we would write: one native compare instead of a CRC. */
function paddingCrc(body: Buffer): number {
  const expected = paddingOf(body.length - stampBytes);
  const same = body.compare(expected.bytes, 0, expected.bytes.length, stampBytes, body.length) === 0;
  return same ? expected.crc : crc32c(body, stampBytes);
}

/**
 * Reads a stamp into `into`, which is undefined after a fault. Whether the run is ours is for the caller to say:
 * compare `into.runNumber` (a message of another run is intact, but foreign).
 */
export function readStamp(body: Buffer, into: StampReading): StampFault | undefined {
  if (body[0] !== magic[0] || body[1] !== magic[1] || body[2] !== magic[2]) return 'no-stamp';
  if (body.length < stampBytes) return 'corrupt';
  const kind = kindOfByte[body[11] as number];
  if (kind === undefined) return 'corrupt';
  badDigit = 0;
  into.runNumber = readHex(body, 3, 11);
  into.kind = kind;
  into.publisher = readHex(body, 12, 18);
  into.epoch = readHex(body, 18, 22);
  into.destination = readHex(body, 22, 28);
  into.sequence = readHex(body, 28, 36);
  into.intendedAtMicros = readHex(body, 36, 41) * two32 + readHex(body, 41, 49);
  into.writtenAtMicros = readHex(body, 49, 54) * two32 + readHex(body, 54, 62);
  const check = readHex(body, 62, 70);
  if (badDigit > 15) return 'corrupt';
  return check === (headSum(into) ^ paddingCrc(body)) >>> 0 ? undefined : 'corrupt';
}

/**
 * Reads only what names a message of the load, at a fifth of the cost of `readStamp`: for a node that passes it on and
 * judges nothing.
 * @returns false for everything else: fences, warm-up, messages of other programs
 */
export function readIdentity(body: Buffer, into: StampReading): boolean {
  if (body[0] !== magic[0] || body[1] !== magic[1] || body[2] !== magic[2]) return false;
  if (body[11] !== kindByte.m || body.length < stampBytes) return false;
  badDigit = 0;
  into.publisher = readHex(body, 12, 18);
  into.epoch = readHex(body, 18, 22);
  into.destination = readHex(body, 22, 28);
  into.sequence = readHex(body, 28, 36);
  return badDigit <= 15;
}
