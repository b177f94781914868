import type { BrokerServer } from '../../src/server/broker-server.js';
import type { RelayNode } from '../../src/server/node.js';
import type { StompVersion } from '../../src/stomp/frame.js';
import { type HeaderLines, RawClient } from './raw-client.js';
import { openTestBroker, openTestNode, testSecret } from './test-node.js';

/** An embedded broker and relay nodes in this process, and the clients that a test connects to them. */
export class TestCluster implements AsyncDisposable {
  readonly broker: BrokerServer;
  readonly nodes: readonly RelayNode[];
  readonly #clients: RawClient[] = [];

  private constructor(broker: BrokerServer, nodes: readonly RelayNode[]) {
    this.broker = broker;
    this.nodes = nodes;
  }

  static async open(nodeCount: number): Promise<TestCluster> {
    const broker = await openTestBroker();
    const address = { broker: `embedded://127.0.0.1:${broker.port}`, secret: testSecret };
    const names = Array.from({ length: nodeCount }, (_, index) => `node-${index + 1}`);
    return new TestCluster(broker, await Promise.all(names.map((name) => openTestNode({}, { ...address, name }))));
  }

  /** A connected client of the node of that index. */
  async client(index: number, headers: HeaderLines = {}, version: StompVersion = '1.2'): Promise<RawClient> {
    const client = await RawClient.overWebSocket(this.nodes[index]?.url ?? '');
    this.#clients.push(client);
    await client.connect(version, headers);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
    await this.broker[Symbol.asyncDispose]();
  }
}
