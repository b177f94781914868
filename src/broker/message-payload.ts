import { FrameHeaders } from '../stomp/frame.js';
import type { BrokerMessage, Position } from './broker.js';

const lineFeed = 0x0a;

/**
 * A message as brokers carry it that know nothing of STOMP: one line of JSON with the id and the
 * headers, a line feed, and the body as it is. The destination is the name under which it is carried.
 */
export function encodePayload(message: Omit<BrokerMessage, 'position'>): Buffer {
  return Buffer.concat([Buffer.from(payloadHead(message)), message.body]);
}

/** The payload up to the body: for who has a place for it. */
export function payloadHead({ id, headers }: Pick<BrokerMessage, 'id' | 'headers'>): string {
  const flat: string[] = [];
  for (const [name, value] of headers) flat.push(name, value);
  return `${JSON.stringify({ id, headers: flat })}\n`;
}

/** The message in a payload, or undefined when the payload is none of ours: others may write to a broker, too. */
export function decodePayload(
  destination: string,
  payload: Buffer,
  position: Position | undefined,
): BrokerMessage | undefined {
  const end = payload.indexOf(lineFeed);
  if (end < 0) return undefined;
  const head = parse(payload.toString('utf8', 0, end));
  if (head === undefined) return undefined;
  return { destination, ...head, body: payload.subarray(end + 1), position };
}

function parse(text: string): { id: string; headers: FrameHeaders } | undefined {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof head !== 'object' || head === null || !('id' in head) || !('headers' in head)) return undefined;
  const { id, headers } = head;
  if (typeof id !== 'string' || !Array.isArray(headers) || headers.length % 2 !== 0) return undefined;
  const flat: unknown[] = headers;
  return flat.every((text) => typeof text === 'string') ? { id, headers: new FrameHeaders(flat) } : undefined;
}
