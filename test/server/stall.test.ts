import { expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { PieceProcess } from '../broker/piece-process.js';
import { RawClient } from './raw-client.js';

test('H05: a node that stood still does not take the peers that kept beating for dead', async () => {
  await using node = await PieceProcess.open(['node', '--port', '0', '--limit', 'heartbeatMs=2s']);
  await using client = await RawClient.overWebSocket(node.url);
  await client.connect('1.2', { 'heart-beat': '2000,0' });
  const beating = setInterval(() => client.raw('\n'), 100);
  let beats = 0;
  node.child.kill('SIGSTOP');
  // The peer is dead after 5 s without a beat; the node sleeps through more than that.
  const counting = setInterval(() => beats++, 100);
  await waitUntil(() => beats >= 65, { timeoutMs: 30_000 });
  node.child.kill('SIGCONT');
  await client.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
  const until = beats + 5;
  await waitUntil(() => beats >= until, { timeoutMs: 30_000 });
  await client.asked('UNSUBSCRIBE', { id: '1' });
  clearInterval(beating);
  clearInterval(counting);
  expect(client.received.every((frame) => frame.command !== 'ERROR')).toBe(true);
});
