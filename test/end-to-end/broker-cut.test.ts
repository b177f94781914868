import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { type RabbitmqServer, startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { expectSound } from './expect-sound.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** The built-in in a few seconds. */
const shortCut = [
  ...['clients[0].count=30', 'clients[0].rooms=3', 'clients[0].send.every=250ms', 'warmup=0s', 'duration=6s'],
  ...['steps[0].at=1s', 'steps[0].for=3s', 'drain={ quiet: 15s }'],
];

async function perform(...overrides: readonly string[]): Promise<Result & { code: number | null }> {
  const words = ['run', 'broker-cut', '--out', 'out', ...set(...shortCut, ...overrides)];
  const { code, stderr } = await place.run(...words);
  expect(stderr).toBe('');
  const result = place.result('out');
  expectSound(result);
  await place.expectNothingLeft();
  return { ...result, code };
}

function happened(result: Result): string[] {
  return result.faults.map(({ type, node, observed }) => `${type} ${node} ${observed}`);
}

test('a broker out of reach for three seconds costs nobody a message and nobody a connection', async () => {
  const result = await perform();
  expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {} });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0, unexpected: 0 });
  expect(happened(result)).toEqual(['cut broker true', 'mend broker true']);
  expect(result.faults[0]?.droppedClients).toBe(0);
  // Had the link not been cut, nothing would have waited for its end.
  expect(result.latency.response.maxMs).toBeGreaterThan(1000);
});

test('the cut of one node leaves the others alone, and is undone though no step mends it', async () => {
  // It is undone only after the load, and the node may take five seconds more until it tries again.
  // Without receipts, because the run would wait for them before it undoes the cut; the node gives up what it held for
  // ten seconds, and its publishers would be sent away.
  const result = await perform(
    'steps=[{ at: 4s, cut: node-2 }]',
    'duration=9s',
    'deadline=30s',
    'clients[0].send.receipt=false',
  );
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  // What nobody had got would be absent: no receipt says that it was there.
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, late: 0, absent: 0 });
  expect(happened(result)).toEqual(['cut node-2 true']);
  expect(result.latency.response.maxMs).toBeGreaterThan(1000);
});

test('a cut that nothing noticed makes the run inconclusive', async () => {
  const result = await perform(
    'steps=[{ at: 1s, stop: node-2 }, { after: { fault: stop, plus: 200ms }, cut: node-2, for: 1s }]',
  );
  expect(result).toMatchObject({ code: 3, verdict: 'inconclusive' });
  expect(result.reasons).toContain('the fault "cut node-2" was not seen to have happened');
});

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('with RabbitMQ over AMQP', () => {
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());

  test.each(['node-2', 'broker'])('a cut of %s for three seconds costs nobody a message', async (target) => {
    const steps = `steps=[{ at: 1s, cut: ${target}, for: 3s }]`;
    const result = await perform(`cluster.broker=${rabbitmq.amqpUrl}`, steps);
    expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {} });
    expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0, unexpected: 0 });
    expect(happened(result)).toEqual([`cut ${target} true`, `mend ${target} true`]);
    // What the others said meanwhile had to wait for the mend.
    expect(result.latency.response.maxMs).toBeGreaterThan(1000);
    expect(await rabbitmq.ctl('list_queues', 'name')).toEqual([]);
  });
});
