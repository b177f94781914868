import type { RelayNode } from '../../../src/server/node.js';
import type { StompVersion } from '../../../src/stomp/frame.js';
import { type HeaderLines, RawClient } from '../raw-client.js';
import { openTestNode } from '../test-node.js';

/** Two nodes in this process on a broker that runs elsewhere, and the clients that a test connects to them. */
export class RelayCluster implements AsyncDisposable {
  readonly nodes: readonly RelayNode[];
  readonly #clients: RawClient[] = [];

  private constructor(nodes: readonly RelayNode[]) {
    this.nodes = nodes;
  }

  static async open(broker: string): Promise<RelayCluster> {
    const names = ['node-1', 'node-2'];
    return new RelayCluster(await Promise.all(names.map((name) => openTestNode({}, { broker, name }))));
  }

  /** An open WebSocket to the node of that index, before CONNECT. */
  async socket(index: number): Promise<RawClient> {
    const client = await RawClient.overWebSocket(this.nodes[index]?.url ?? '');
    this.#clients.push(client);
    return client;
  }

  /** A connected client of the node of that index. */
  async client(index: number, headers: HeaderLines = {}, version: StompVersion = '1.2'): Promise<RawClient> {
    const client = await this.socket(index);
    await client.connect(version, headers);
    return client;
  }

  /** What `/ready` of that node answers. */
  async readiness(index: number): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.nodes[index]?.port}/ready`)).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client[Symbol.asyncDispose]();
    for (const node of this.nodes) await node[Symbol.asyncDispose]();
  }
}
