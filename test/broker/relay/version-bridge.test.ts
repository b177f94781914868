import { describe, expect, test } from 'vitest';
import { VersionBridge } from '../../../src/broker/relay/version-bridge.js';
import { type Frame, FrameHeaders, noBody, type StompVersion } from '../../../src/stomp/frame.js';

function frame(command: string, headers: Readonly<Record<string, string>>): Frame {
  return { command, headers: FrameHeaders.of(headers), body: noBody };
}

function plain({ headers }: Frame): Readonly<Record<string, string>> {
  return Object.fromEntries(headers);
}

/** What a broker sends and a client of that version acknowledges with what it sees of it. */
function acknowledged(client: StompVersion, broker: StompVersion, message: Readonly<Record<string, string>>): Frame {
  const bridge = new VersionBridge(client, broker);
  const seen = bridge.toClient(frame('MESSAGE', message)).headers;
  const id = seen.get(client === '1.2' ? 'ack' : 'message-id') ?? '';
  const subscription = seen.get('subscription') ?? '';
  const inItsWords = client === '1.2' ? { id } : { 'message-id': id, ...(client === '1.1' ? { subscription } : {}) };
  return bridge.toBroker(frame('ACK', { ...inItsWords, transaction: 't' }));
}

describe('an acknowledgement says what the broker wants to hear', () => {
  const fromNew = { subscription: 's', 'message-id': '12:m', ack: 'a:1' };
  const fromOld = { subscription: 's:1', 'message-id': '3:m' };

  test.each(['1.0', '1.1', '1.2'] as const)('a %s client on a broker of 1.2: the ack, alone', (client) => {
    expect(plain(acknowledged(client, '1.2', fromNew))).toEqual({ transaction: 't', id: 'a:1' });
    const alike = { subscription: 's', 'message-id': '1:2', ack: '1:2' };
    expect(plain(acknowledged(client, '1.2', alike))).toEqual({ transaction: 't', id: '1:2' });
  });

  test('a 1.2 client on a broker of 1.1: message and subscription', () => {
    const expected = { transaction: 't', 'message-id': '3:m', subscription: 's:1' };
    expect(plain(acknowledged('1.2', '1.1', fromOld))).toEqual(expected);
  });

  test('clients and brokers of the same version are not touched', () => {
    const bridge = new VersionBridge('1.2', '1.2');
    const message = frame('MESSAGE', fromNew);
    expect(bridge.toClient(message)).toBe(message);
    const ack = frame('ACK', { id: '3:abc' });
    expect(bridge.toBroker(ack)).toBe(ack);
  });

  test('what was never seen goes on as it is, for the broker to refuse', () => {
    const made = new VersionBridge('1.1', '1.2').toBroker(frame('ACK', { 'message-id': '9:x', subscription: 's' }));
    expect(plain(made)).toEqual({ id: '9:x' });
  });
});

test('a 1.0 client need not name its subscription, and never sees the name that the broker got', () => {
  const bridge = new VersionBridge('1.0', '1.2');
  const subscribed = bridge.toBroker(frame('SUBSCRIBE', { destination: '/queue/a' }));
  const id = subscribed.headers.get('id') ?? '';
  expect(id).not.toBe('');
  expect(plain(bridge.toBroker(frame('UNSUBSCRIBE', { destination: '/queue/a' }))).id).toBe(id);
  const seen = bridge.toClient(frame('MESSAGE', { subscription: id, 'message-id': 'm', destination: '/queue/a' }));
  expect(plain(seen)).toEqual({ 'message-id': 'm', destination: '/queue/a' });
  const named = bridge.toClient(frame('MESSAGE', { subscription: 'own', 'message-id': 'm' }));
  expect(named.headers.get('subscription')).toBe('own');
});
