import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requireService } from '../services/require-service.js';
import { perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** The promises of the built-ins hold whichever balancer is in front; the tests of each built-in have our own. */
function describeDoor(kind: 'haproxy' | 'nginx'): void {
  const door = `cluster.balancer.kind=${kind}`;

  test('rolling-restart passes: all nodes are replaced and nobody misses anything', async () => {
    const result = await perform(
      ...([place, 'rolling-restart', door] as const),
      ...['clients[0].count=60', 'clients[0].rooms=6', 'clients[0].send.every=500ms', 'warmup=0s', 'duration=15s'],
      ...['steps[0].at=1s', 'steps[1].at=6s', 'steps[2].at=11s'],
    );
    expect(result).toMatchObject({ code: 0, verdict: 'pass' });
    expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0 });
    const said = result.faults.map(({ type, node, observed }) => `${type} ${node} ${observed}`);
    expect(said).toEqual(['restart node-1 true', 'restart node-2 true', 'restart node-3 true']);
    expect(result.faults.every(({ readyMs, droppedClients }) => (readyMs ?? 0) > 0 && droppedClients >= 20)).toBe(true);
    // A client that was turned away by a node that drains is not back at the first try, but it is back.
    expect(result.reconnect.count).toBe(result.faults.reduce((sum, { droppedClients }) => sum + droppedClients, 0));
  });

  test('private-message-failover passes: no private message is lost with the node', async () => {
    const result = await perform(
      ...([place, 'private-message-failover', door] as const),
      ...['clients[0].count=30', 'clients[0].rooms=6', 'clients[1].count=30', 'clients[1].rooms=10'],
      ...['warmup=500ms', 'duration=6s', 'steps[0].at=1s', 'steps[1].at=3s'],
    );
    expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {}, gaps: [] });
    expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0, unexpected: 0 });
    expect(result.faults[0]).toMatchObject({ type: 'kill', node: 'node-2', observed: true, missing: 0 });
    expect(result.faults[0]?.droppedClients).toBe(20);
    expect(result.reach.arrived).toEqual(result.reach.required);
  });
}

describe.runIf(Boolean(requireService('haproxy', 'haproxy')))('behind HAProxy', () => describeDoor('haproxy'));
describe.runIf(Boolean(requireService('nginx', 'nginx')))('behind nginx', () => describeDoor('nginx'));
