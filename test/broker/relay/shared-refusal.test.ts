import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openBroker } from '../../../src/broker/open-broker.js';
import { waitUntil } from '../../../src/core/clock.js';
import { FrameDecoder } from '../../../src/stomp/decoder.js';
import { frameText } from '../../server/raw-client.js';
import { EventLog, messageFor } from '../contract.js';

test('a publish that the broker answers with ERROR is refused in words fit for a header, and others go on', async () => {
  // No real broker says such things; this one speaks just enough STOMP to be cruel.
  const server = createServer((socket) => {
    const decoder = new FrameDecoder();
    socket.on('error', () => {});
    socket.on('data', (chunk) =>
      decoder.write(chunk, {
        frame: ({ command, headers }) => {
          const receipt = headers.get('receipt') ?? '';
          if (command === 'CONNECT') return socket.write(frameText('CONNECTED', { version: '1.2' }));
          if (headers.get('destination') !== '/topic/refused') {
            return socket.write(frameText('RECEIPT', { 'receipt-id': receipt }));
          }
          return socket.write(frameText('ERROR', { 'receipt-id': receipt, message: 'no\\r\\nmessage-id\\cx' }));
        },
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `stomp://127.0.0.1:${(server.address() as AddressInfo).port}?connections=shared`;
  await using broker = await openBroker({ address, secret: undefined }, new EventLog());
  const refused = broker.publish(messageFor('/topic/refused', ''));
  await expect(refused).rejects.toThrow('The broker said: no\\x0d\\x0amessage-id:x');
  expect(await waitUntil(() => broker.status === 'ready', { timeoutMs: 30_000 })).toBe(true);
  await broker.publish(messageFor('/topic/fine', ''));
  server.close();
});
