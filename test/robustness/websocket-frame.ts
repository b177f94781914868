/** What is wrong with a frame beyond its kind and payload. */
export interface FrameFlaws {
  /** The reserved bits, as a number from 1 to 7. */
  readonly reserved?: number;
  readonly isUnfinished?: boolean;
  readonly isUnmasked?: boolean;
  /** The length as 7, 16 or 64 bits, in place of the shortest. */
  readonly lengthBits?: 7 | 16 | 64;
  /** A length that is not the payload's. */
  readonly length?: bigint;
}

export const opcode = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

function lengthOctets(length: bigint, bits: 7 | 16 | 64): Buffer {
  if (bits === 7) return Buffer.from([Number(length)]);
  const octets = Buffer.alloc(bits === 16 ? 3 : 9);
  octets[0] = bits === 16 ? 126 : 127;
  if (bits === 16) octets.writeUInt16BE(Number(length), 1);
  else octets.writeBigUInt64BE(length, 1);
  return octets;
}

/** The octets of a client's frame [RFC 6455, 5.2], masked with zeros, so that the payload stays readable. */
export function clientFrame(code: number, payload: string | Buffer = '', flaws: FrameFlaws = {}): Buffer {
  const body = Buffer.from(payload);
  const { length = BigInt(body.length) } = flaws;
  const bits = flaws.lengthBits ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const lengthPart = lengthOctets(length, bits);
  if (flaws.isUnmasked !== true) lengthPart[0] = (lengthPart[0] as number) | 0x80;
  const first = (flaws.isUnfinished === true ? 0 : 0x80) | ((flaws.reserved ?? 0) << 4) | code;
  const mask = flaws.isUnmasked === true ? Buffer.alloc(0) : Buffer.alloc(4);
  return Buffer.concat([Buffer.from([first]), lengthPart, mask, body]);
}

/** A close frame with that code and reason. */
export function closeFrame(code: number, reason: string | Buffer = ''): Buffer {
  const number = Buffer.alloc(2);
  number.writeUInt16BE(code);
  return clientFrame(opcode.close, Buffer.concat([number, Buffer.from(reason)]));
}
