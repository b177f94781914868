import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Child } from '../../src/cluster/child.js';
import type { NodeAddress } from '../../src/cluster/cluster.js';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { signalGroup } from '../../src/cluster/pid.js';
import { refusesConnections } from '../../src/cluster/port.js';
import { waitUntil } from '../../src/core/clock.js';
import { connectClient, openHttpOrigin, readSome, upgradeRequest } from '../proxy/origin.js';
import { RawClient } from '../server/raw-client.js';
import { requireService } from '../services/require-service.js';
import {
  comesToHave,
  connectionsOf,
  connectTo,
  launchHaproxy,
  openDoorCluster,
  type ProgramKind,
} from './door-cluster.js';
import { identitiesOf, survivors } from './test-cluster.js';

const observe = { timeoutMs: 20_000 };

/** Whether clients that keep coming get to a node. */
function comesIntoUse(node: NodeAddress, url: string): Promise<boolean> {
  const isUsed = async (): Promise<boolean> => {
    await connectTo(url).catch(() => undefined);
    return (await connectionsOf(node)) > 0;
  };
  return waitUntil(isUsed, observe);
}

function describeProgram(kind: ProgramKind): void {
  test('frames pass both ways through a cluster that is opened with it, and nothing is left of it after close', async () => {
    const cluster = await openCluster(
      { nodes: 2, brokerKind: 'embedded', balancerKind: kind, policy: 'round-robin', port: 0 },
      { env: process.env },
    );
    onTestFinished(() => cluster.close({ graceMs: 0 }));
    const url = cluster.balancerUrl ?? '';
    await using reader = await RawClient.overWebSocket(url);
    await using writer = await RawClient.overWebSocket(url);
    await reader.connect();
    await writer.connect();
    await reader.asked('SUBSCRIBE', { id: '1', destination: '/topic/door' });
    writer.send('SEND', { destination: '/topic/door' }, 'through the door');
    expect(await reader.bodies(1)).toEqual(['through the door']);
    const balancer = async () => (await cluster.status()).find(({ name }) => name === 'balancer');
    await expect.poll(balancer).toMatchObject({ state: 'up' });

    const processes = identitiesOf(cluster);
    expect(processes).toHaveLength(4);
    await cluster.close();
    expect(survivors(processes)).toEqual([]);
    expect(await refusesConnections('127.0.0.1', Number(new URL(url).port))).toBe(true);
  });

  test('when a node is killed, every next connect reaches a survivor', async () => {
    const { supervisor, nodes, url } = await openDoorCluster(kind);
    for (let count = 0; count < 4; count++) await connectTo(url);
    expect(await comesToHave(nodes[0], 2)).toBe(true);
    await supervisor.kill('node-1');
    for (let count = 0; count < 6; count++) await connectTo(url);
    expect(await comesToHave(nodes[1], 8)).toBe(true);
  });

  test('a node that drains gets no new connection and keeps those it has, until it is taken back', async () => {
    const { nodes, url, tell } = await openDoorCluster(kind);
    const { socket: first } = await connectTo(url);
    const { socket: second } = await connectTo(url);
    expect(await comesToHave(nodes[0], 1)).toBe(true);
    expect(await tell({ type: 'drain', name: 'node-1' })).toBe(true);
    for (let count = 0; count < 5; count++) await connectTo(url);
    expect(await comesToHave(nodes[1], 6)).toBe(true);
    expect(await connectionsOf(nodes[0])).toBe(1);
    expect([first.readyState, second.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN]);

    expect(await tell({ type: 'undrain', name: 'node-1' })).toBe(true);
    for (let count = 0; count < 4; count++) await connectTo(url);
    expect(await comesToHave(nodes[0], 3)).toBe(true);
    expect(first.readyState).toBe(WebSocket.OPEN);
  });

  test('while one node after the other is restarted no client is refused', async () => {
    const { supervisor, nodes, url } = await openDoorCluster(kind, 'least-connections');
    let isRolling = true;
    let connected = 0;
    const connecting = (async () => {
      for (; isRolling; connected++) {
        const { socket } = await connectTo(url);
        socket.terminate();
      }
    })();
    await supervisor.restart('node-1');
    await supervisor.restart('node-2');
    isRolling = false;
    await connecting;
    expect(connected).toBeGreaterThan(10);
    for (const node of nodes) expect(await comesIntoUse(node, url)).toBe(true);
  });

  test('policy sticky: the cookie keeps a client on its node, and lets it go when that drains', async () => {
    const { nodes, url, tell } = await openDoorCluster(kind, 'sticky');
    const { cookie } = await connectTo(url);
    expect(cookie).toMatch(/^cluster-chat-node=/);
    const [here, there] = (await connectionsOf(nodes[0])) === 1 ? nodes : [nodes[1], nodes[0]];
    for (let count = 0; count < 5; count++) expect((await connectTo(url, cookie)).cookie).toBeUndefined();
    expect(await comesToHave(here, 6)).toBe(true);
    expect(await tell({ type: 'drain', name: here.name })).toBe(true);
    for (let count = 0; count < 3; count++) await connectTo(url, cookie);
    expect(await comesToHave(there, 3)).toBe(true);
    expect(await connectionsOf(here)).toBe(6);
  });

  test('policy ip-hash: one address stays on one node, and moves when that is killed', async () => {
    const { supervisor, nodes, url } = await openDoorCluster(kind, 'ip-hash');
    for (let count = 0; count < 4; count++) await connectTo(url);
    const sums = await Promise.all(nodes.map(connectionsOf));
    expect([...sums].sort()).toEqual([0, 4]);
    const [here, there] = sums[0] === 4 ? nodes : [nodes[1], nodes[0]];
    await supervisor.kill(here.name);
    for (let count = 0; count < 3; count++) await connectTo(url);
    expect(await comesToHave(there, 3)).toBe(true);
  });

  test('a balancer that was killed comes back on its port and knows what it was told meanwhile', async () => {
    const { supervisor, nodes, url } = await openDoorCluster(kind);
    await supervisor.kill('balancer');
    await supervisor.stop('node-1');
    await supervisor.start('balancer');
    expect(supervisor.balancerUrl).toBe(url);
    for (let count = 0; count < 3; count++) await connectTo(url);
    expect(await comesToHave(nodes[1], 3)).toBe(true);
    await supervisor.kill('balancer');
    await supervisor.start('node-1');
    await supervisor.start('balancer');
    for (let count = 0; count < 4; count++) await connectTo(url);
    expect(await comesToHave(nodes[0], 2)).toBe(true);
  });

  test('what it is told several times at once it does one after the other', async () => {
    const { supervisor, nodes, url, tell } = await openDoorCluster(kind);
    const reloads = [1, 2, 3].map(() => supervisor.trouble.reload('balancer'));
    expect(await tell({ type: 'drain', name: 'node-1' })).toBe(true);
    await Promise.all(reloads);
    for (let count = 0; count < 4; count++) await connectTo(url);
    expect(await comesToHave(nodes[1], 4)).toBe(true);
  });

  test('while it is paused it confirms nothing, and it does what it was told when it goes on', async () => {
    const { supervisor, nodes, url, tell } = await openDoorCluster(kind);
    await supervisor.pause('balancer');
    expect(await tell({ type: 'drain', name: 'node-1' })).toBe(false);
    await expect(supervisor.trouble.reload('balancer')).rejects.toThrow('was not seen to read its configuration again');
    await supervisor.unpause('balancer');
    await supervisor.trouble.reload('balancer');
    // A node that stands still for a moment may cost a client, which is no reason to go to one that drains.
    const hasTheClients = async (): Promise<boolean> => {
      await connectTo(url).catch(() => undefined);
      return (await connectionsOf(nodes[1])) >= 4;
    };
    expect(await waitUntil(hasTheClients, observe)).toBe(true);
    expect(await connectionsOf(nodes[0])).toBe(0);
  });

  test('a node that came back while it was paused is in use once it goes on', async () => {
    const { supervisor, nodes, url } = await openDoorCluster(kind);
    await supervisor.stop('node-1');
    await supervisor.pause('balancer');
    await supervisor.start('node-1');
    await supervisor.unpause('balancer');
    expect(await comesIntoUse(nodes[0], url)).toBe(true);
  });

  test('a node that came back while it hung is in use once it answers again', async () => {
    const { supervisor, nodes, url } = await openDoorCluster(kind);
    const group = supervisor.find('balancer').child?.pid ?? 0;
    const stateOf = () => supervisor.find('balancer').status().state;
    await supervisor.stop('node-1');
    // Not by the supervisor, which then knows of it only that it does not answer.
    signalGroup(group, 'SIGSTOP');
    await expect.poll(stateOf).toBe('hung');
    await supervisor.start('node-1');
    signalGroup(group, 'SIGCONT');
    expect(await comesIntoUse(nodes[0], url)).toBe(true);
  });
}

describe.runIf(Boolean(requireService('haproxy', 'haproxy')))('HAProxy', () => {
  describeProgram('haproxy');

  test('told to read its configuration again before its master answers, it does so when that does', async () => {
    const origin = await openHttpOrigin('behind');
    const { supervisor, program, ready } = await launchHaproxy([origin]);
    await waitUntil(() => supervisor.find('balancer').child !== undefined, observe);
    expect(await program.reload(supervisor.find('balancer').child as Child)).toBe(true);
    await ready;
  });

  test('it says how many clients it has', async () => {
    const { supervisor, url } = await openDoorCluster('haproxy');
    for (let count = 0; count < 3; count++) await connectTo(url);
    const balancer = async () => (await supervisor.status()).find(({ name }) => name === 'balancer');
    await expect.poll(balancer).toMatchObject({ state: 'up', connections: 3 });
  });

  test('the clients of a node that hangs are let go', async () => {
    const { supervisor, url } = await openDoorCluster('haproxy');
    const { socket: first } = await connectTo(url);
    const { socket: second } = await connectTo(url);
    const ended = once(first, 'close');
    await supervisor.pause('node-1');
    await ended;
    expect(second.readyState).toBe(WebSocket.OPEN);
    await connectTo(url);
  });

  test('a node that says it is not ready gets no new clients, and those it has stay', async () => {
    const [leaving, staying] = await Promise.all([openHttpOrigin('leaving'), openHttpOrigin('staying')]);
    const { supervisor, ready } = await launchHaproxy([leaving, staying]);
    await ready;
    const port = Number(new URL(supervisor.balancerUrl ?? '').port);
    const upgrade = async (): Promise<Socket> => {
      const client = await connectClient(port);
      client.write(upgradeRequest);
      expect(await readSome(client)).toContain('101');
      return client;
    };
    const old = await upgrade();
    expect(leaving.upgraded).toHaveLength(1);
    leaving.state.status = 503;
    const isLeft = async (): Promise<boolean> => {
      const before = leaving.upgraded.length;
      await upgrade();
      await upgrade();
      return leaving.upgraded.length === before;
    };
    expect(await waitUntil(isLeft, observe)).toBe(true);
    // Several checks later.
    const asked = leaving.state.asked + 4;
    expect(await waitUntil(() => leaving.state.asked >= asked, observe)).toBe(true);
    const echoed = readSome(leaving.upgraded[0] as Socket);
    old.write('still here');
    expect(await echoed).toBe('still here');
  });
});

describe.runIf(Boolean(requireService('nginx', 'nginx')))('nginx', () => {
  describeProgram('nginx');
});
