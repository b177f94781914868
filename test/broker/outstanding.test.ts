import { expect, test } from 'vitest';
import { BrokerRefusal } from '../../src/broker/broker.js';
import { Outstanding } from '../../src/broker/outstanding.js';
import { messageFor } from './contract.js';

const limits = { maxMessages: 2, maxBytes: 10_000 };

test('refuses what is beyond the bound in number, and takes again when something was confirmed', async () => {
  const outstanding = new Outstanding(limits);
  const first = messageFor('/a', 'one');
  const confirmed = outstanding.add(first);
  const second = outstanding.add(messageFor('/a', 'two'));
  await expect(outstanding.add(messageFor('/a', 'three'))).rejects.toThrow(BrokerRefusal);
  outstanding.confirm(first.id);
  await confirmed;
  const third = outstanding.add(messageFor('/a', 'three'));
  outstanding.refuseAll('The node is closing.');
  await expect(second).rejects.toThrow('The node is closing.');
  await expect(third).rejects.toThrow('The node is closing.');
  expect(outstanding.size).toBe(0);
});

test('refuses what is beyond the bound in bytes, headers included', async () => {
  const outstanding = new Outstanding(limits);
  await expect(outstanding.add(messageFor('/a', 'x'.repeat(10_000)))).rejects.toThrow(BrokerRefusal);
  await expect(outstanding.add(messageFor('/a', '', { long: 'x'.repeat(10_000) }))).rejects.toThrow(BrokerRefusal);
});

test('refuses what has waited for too long', async () => {
  const outstanding = new Outstanding(limits);
  const waiting = outstanding.add(messageFor('/a', 'one'));
  outstanding.refuseExpired(-1);
  await expect(waiting).rejects.toThrow('did not confirm');
});

test('says of what was sent, and not answered, that the broker may have it', async () => {
  const outstanding = new Outstanding(limits);
  const [sent, kept] = [messageFor('/a', 'one'), messageFor('/a', 'two')];
  const refusals = [outstanding.add(sent), outstanding.add(kept)].map((each) => each.catch((error: unknown) => error));
  outstanding.send(sent.id, { publish: () => {} });
  outstanding.refuseExpired(-1);
  expect(await Promise.all(refusals)).toMatchObject([{ isUncertain: true }, { isUncertain: false }]);
});

test('keeps the order in which the messages came', () => {
  const outstanding = new Outstanding({ ...limits, maxMessages: 5 });
  for (const text of ['one', 'two', 'three']) void outstanding.add(messageFor('/a', text));
  const sent: string[] = [];
  outstanding.sendAll({ publish: (message) => void sent.push(message.body.toString()) });
  expect(sent).toEqual(['one', 'two', 'three']);
});
