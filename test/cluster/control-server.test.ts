import { request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { ControlServer } from '../../src/cluster/control-server.js';
import { openTestCluster } from './test-cluster.js';

let cluster: Cluster;
let control: ControlServer;

beforeEach(async () => {
  ({ cluster } = await openTestCluster({ nodes: 1, balancerKind: 'none', brokerKind: 'simple' }));
  control = await ControlServer.open(cluster);
});
afterEach(async () => {
  await control.close();
  await cluster.close();
});

/** Speaks HTTP by hand, because `fetch` does not let anybody choose the Host header. */
function post(
  body: string,
  headers: Record<string, string> = {},
): Promise<{ status: number | undefined; json: unknown }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${control.url}/v1`, {
      method: 'POST',
      headers: { authorization: `Bearer ${control.token}`, ...headers },
    });
    sent.on('error', reject);
    sent.on('response', async (response) => {
      let text = '';
      for await (const part of response) text += String(part);
      resolve({ status: response.statusCode, json: JSON.parse(text) });
    });
    sent.end(body);
  });
}

test('the owner of the token gets an answer', async () => {
  // A node that a busy machine keeps from answering for a second is hung.
  await expect
    .poll(() => post('{"verb":"status"}'))
    .toMatchObject({ status: 200, json: [{ name: 'node-1', state: 'up' }] });
});

test.each([
  ['a wrong token', { authorization: 'Bearer x' }, 401],
  ['a name that is not ours', { host: 'attacker.example' }, 421],
])('%s is refused', async (_, headers, expected) => {
  expect((await post('{"verb":"kill","name":"node-1","signal":"SIGKILL"}', headers)).status).toBe(expected);
  await expect.poll(() => cluster.lastStatus[0]?.state).toBe('up');
});

test.each([
  ['a body that is no JSON', '{', 'control-failed'],
  ['a verb that is none', '{"verb":"constructor","name":"node-1"}', 'usage'],
  ['a signal that is none', '{"verb":"kill","name":"node-1","signal":"SIGFOO"}', 'usage'],
  ['a name that nobody has', '{"verb":"stop","name":"node-7"}', 'not-found'],
  ['a body without end', `{"verb":"stop","name":"${'x'.repeat(70_000)}"}`, 'usage'],
])('%s is answered with an error', async (_, body, code) => {
  const { status, json } = await post(body);
  expect(status).toBe(409);
  expect(json).toMatchObject({ code });
});
