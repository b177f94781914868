import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moments } from '../../src/core/moment.js';
import { perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Every room has two clients on each node at least, so that a fan-out has a middle. */
function shortFailover(moment: string): string[] {
  return [
    ...['clients[0].count=60', 'clients[0].rooms=6', 'clients[0].send.every=250ms', 'warmup=500ms', 'duration=5s'],
    `steps=[{ at: 1s, kill: node-2, moment: ${moment}, for: 1500ms }]`,
    'thresholds={delivery.unexplained: ["count == 0"]}',
  ];
}

describe.each(moments)('a node that dies %s', (moment) => {
  test('costs nothing where clients ask for what they missed', async () => {
    const result = await perform(place, 'failover', ...shortFailover(moment));
    expect(result).toMatchObject({ code: 0, verdict: 'pass', contract: 'at-least-once', missingByCause: {} });
    expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, unexpected: 0, duplicate: 0 });
    const [kill, start] = result.faults;
    expect(kill).toMatchObject({ type: 'kill', node: 'node-2', observed: true, droppedClients: 20 });
    expect(start).toMatchObject({ type: 'start', node: 'node-2', observed: true });
  });

  test('proves the cause of everything that they miss otherwise', async () => {
    const result = await perform(
      place,
      'failover',
      ...shortFailover(moment),
      ...['clients[0].recover=false', 'contract=custom'],
    );
    expect(result).toMatchObject({ code: 0, verdict: 'pass', inferredByCause: {} });
    expect(result.missingExamples.filter(({ inferred }) => inferred !== false)).toEqual([]);
    expect(result.delivery.unexplained).toBe(0);
    // The publisher whose message it had confirmed by the broker never hears of it.
    if (moment === 'before-ack') expect(result.delivery.indeterminate).toBeGreaterThan(0);
    // What was brought to the node died with it.
    else expect(result.missingByCause['in-flight']).toBeGreaterThan(0);
    // Of one fan-out some have it, and others in the same room on the same node do not.
    if (moment === 'mid-fan-out') expect(result.delivery.once).toBeGreaterThan(0);
  });
});

test('a moment that does not come within ten seconds is a fault that did not happen, and the node lives on', async () => {
  const result = await perform(
    place,
    'failover',
    ...['clients[0].count=6', 'clients[0].rooms=1', 'clients[0].send.every=500ms', 'warmup=0s', 'duration=3s'],
    // Nobody sends: there is no message that could be its last.
    'clients[0].send={ to: /topic/nobody, every: 20s, start: together }',
    'steps=[{ at: 500ms, kill: node-2, moment: before-fan-out, for: 1s }]',
    'thresholds={delivery.unexplained: ["count == 0"]}',
  );
  expect(result).toMatchObject({ verdict: 'inconclusive' });
  expect(result.reasons).toContain('the fault "kill node-2" was not seen to have happened');
  expect(result.faults).toMatchObject([{ type: 'kill', observed: false, droppedClients: 0 }]);
});
