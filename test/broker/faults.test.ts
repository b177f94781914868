import { expect, test } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.js';
import { forEachTest } from '../services/lifetime.js';
import { EventLog, messageFor } from './contract.js';
import { testFaults } from './fault-contract.js';
import { embeddedStage } from './server-stages.js';

const stage = forEachTest(embeddedStage);

testFaults({ stage, afterRestart: ['nothing'] });

test('a replay that is under way when the connection is cut is asked again', async () => {
  const { broker, link, topic } = stage();
  const start = await broker.watch(topic);
  for (const text of ['one', 'two']) await broker.publish(messageFor(topic, text));
  const replaying = broker.replay(topic, start ?? { epoch: '', offset: 0 });
  link.cut();
  const replay = await replaying;
  expect(replay.recovered ? replay.messages.map((message) => message.body.toString()) : []).toEqual(['one', 'two']);
});

test('a broker that refuses the secret is no broker', async () => {
  const address = `embedded://127.0.0.1:${stage().port}`;
  const wrong = openBroker({ address, secret: 'canary' }, new EventLog());
  await expect(wrong).rejects.toMatchObject({ code: 'broker-unreachable', message: expect.stringContaining('Login') });
  await expect(wrong).rejects.not.toThrow('canary');
});

test('an address where nothing listens is told with its cure', async () => {
  await stage().server.kill();
  await expect(stage().openDirect(new EventLog())).rejects.toMatchObject({ code: 'broker-unreachable' });
});
