import { type BrokerServer, openBrokerServer } from '../../src/server/broker-server.js';
import { brokerServerLimits, defaultServerLimits, type ServerLimits } from '../../src/server/limits.js';
import { type NodeOptions, openNode, type RelayNode } from '../../src/server/node.js';
import { defaultOrigins } from '../../src/server/origin.js';

/** A relay node in this process, on its own memory unless another broker is named. */
export function openTestNode(
  limits: Partial<ServerLimits> = {},
  options: Partial<Omit<NodeOptions, 'limits'>> = {},
): Promise<RelayNode> {
  return openNode({
    name: 'node-1',
    version: '0.0.0',
    host: '127.0.0.1',
    port: 0,
    broker: 'simple',
    secret: undefined,
    allowedOrigins: defaultOrigins,
    credential: undefined,
    isRemoteAllowed: false,
    sessions: 'memory',
    isLoginRequired: false,
    journalFolder: undefined,
    die: () => {
      throw new Error('a node in the process of a test must not kill it');
    },
    log: () => {},
    ...options,
    limits: { ...defaultServerLimits, ...limits },
  });
}

export const testSecret = 'the secret of this test run';

/** An embedded broker in this process; it trusts the test's nodes. */
export function openTestBroker(limits: Partial<ServerLimits> = {}): Promise<BrokerServer> {
  return openBrokerServer({
    version: '0.0.0',
    host: '127.0.0.1',
    port: 0,
    credential: { login: 'node', passcode: testSecret },
    trustsMessageIds: true,
    limits: { ...brokerServerLimits, ...limits },
  });
}

/** What `/metrics` says of one metric. */
export async function metricOf(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const line = (await response.text()).split('\n').find((text) => text.startsWith(`cluster_chat_${name}{`));
  if (line === undefined) throw new Error(`there is no metric ${name}`);
  return Number(line.split(' ').at(-1));
}
