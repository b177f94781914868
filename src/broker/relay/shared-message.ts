import { type Frame, FrameHeaders } from '../../stomp/frame.js';
import type { BrokerMessage } from '../broker.js';
import { decodePayload, encodePayload } from '../message-payload.js';
import { brokerTopic } from './broker-topic.js';

const idHeader = 'cluster-chat-id';
const headersHeader = 'cluster-chat-headers';
/** Brokers bound a header line; ActiveMQ at 10 KiB, of which escaping takes up to half. */
const maxHeaderBytes = 4_096;

/** Headers of a MESSAGE that are STOMP's or the broker's, not the publisher's. */
const brokerHeaders = new Set(['message-id', 'subscription', 'destination', 'content-length', 'ack', 'redelivered']);

/**
 * A message as a SEND that any STOMP broker passes on whole: the publisher's headers travel as text in one
 * of ours, since brokers give some a meaning and forget the order and repetition of all. The body stays
 * plain for other programs; only headers too long for a header go before it.
 */
export function sendFrame(message: Omit<BrokerMessage, 'position'>): { headers: FrameHeaders; body: Buffer } {
  const flat = ['destination', brokerTopic(message.destination), 'receipt', message.id, idHeader, message.id];
  const contentType = message.headers.get('content-type');
  const text = JSON.stringify([...message.headers].flat());
  if (Buffer.byteLength(text) > maxHeaderBytes)
    return { headers: new FrameHeaders(flat), body: encodePayload(message) };
  if (contentType !== undefined && /^[\x20-\x7e]{1,200}$/.test(contentType)) flat.push('content-type', contentType);
  return { headers: new FrameHeaders([...flat, headersHeader, text]), body: message.body };
}

/**
 * The message in a MESSAGE for a subscription to `destination`, or undefined when it pretends to be ours
 * and cannot be read. What other programs published is taken as it is.
 */
export function messageIn(frame: Frame, destination: string): BrokerMessage | undefined {
  const { headers, body } = frame;
  const id = headers.get(idHeader);
  if (id === undefined) {
    const brokersId = headers.get('message-id') ?? '';
    return { destination, id: brokersId, headers: headers.without(brokerHeaders), body, position: undefined };
  }
  const text = headers.get(headersHeader);
  if (text === undefined) return decodePayload(destination, body, undefined);
  const flat = parseFlat(text);
  return flat === undefined
    ? undefined
    : { destination, id, headers: new FrameHeaders(flat), body, position: undefined };
}

function parseFlat(text: string): string[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parsed) || parsed.length % 2 !== 0) return undefined;
  const flat: unknown[] = parsed;
  return flat.every((part) => typeof part === 'string') ? flat : undefined;
}
