import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { BackendAddress } from '../proxy/backend.js';
import type { ToxicSpec } from '../proxy/toxics/registry.js';
import { brokerAddress } from './broker-address.js';
import type { NodeAddress } from './cluster.js';
import type { LinkSide } from './link-side.js';
import type { PassageHost } from './passage-link.js';

/**
 * The passages of a cluster: between each node and the broker, and between each node and its clients, whoever dials.
 * They cost every message their bytes, so they are there only where something is to be done to them.
 */
export class LinkPassages {
  readonly #host: PassageHost;
  #brokerUrl: string | undefined;
  /** The passages that are cut. */
  readonly #cut = new Set<string>();
  /** The ports of the passages of each side, by node. */
  readonly #ports: Readonly<Record<LinkSide, Map<string, number>>> = { broker: new Map(), clients: new Map() };

  constructor(host: PassageHost) {
    this.#host = host;
  }

  /**
   * Puts one between each node and the broker.
   * @throws AppError `usage` where there is nothing to cut (`simple`), and for a URL with TLS: the certificate is
   * for the broker's name, which the passage does not have
   */
  async openToBroker(brokerUrl: string, nodes: readonly string[]): Promise<void> {
    const address = brokerAddress(brokerUrl);
    if (address === undefined || /^(rediss|amqps|stomps):/i.test(brokerUrl)) {
      const why = address === undefined ? 'nothing leads to one' : 'a connection with TLS cannot be led through a cut';
      throw new AppError('usage', `The link to the broker ${redactUrl(brokerUrl)} cannot be cut: ${why}.`, {
        hint: 'Use the broker "embedded", or a URL without TLS.',
      });
    }
    this.#brokerUrl = brokerUrl;
    for (const node of nodes) await this.#open('broker', node, address);
  }

  /** Puts one before each node. A node keeps its port when it is started again, and so it keeps its passage. */
  async openToNodes(nodes: readonly NodeAddress[]): Promise<void> {
    for (const { name, host, port } of nodes) await this.#open('clients', name, { host, port });
  }

  /** The broker's URL as the node is to use it: with the passage's address, everything else unchanged. */
  brokerUrlFor(node: string): string | undefined {
    const port = this.#ports.broker.get(node);
    if (this.#brokerUrl === undefined || port === undefined) return undefined;
    return throughPort(this.#brokerUrl, port);
  }

  /** The node as its clients and the balancer are to reach it. */
  addressFor(node: NodeAddress): NodeAddress {
    const port = this.#ports.clients.get(node.name);
    return port === undefined ? node : { ...node, host: '127.0.0.1', port, url: throughPort(node.url, port) };
  }

  /**
   * @param name a node, or `broker` for all
   * @returns how many connections were cut, all of them gone; with none it has not been done and is not in force
   */
  async cut(name: string): Promise<number> {
    const before = new Set(this.#cut);
    const connections = await this.#sum(name, 'broker', (passage) => {
      this.#cut.add(passage);
      return this.#host.carryOut({ type: 'cut', passage });
    });
    // What an earlier one has cut stays so.
    if (connections === 0) await this.#sum(name, 'broker', async (of) => (before.has(of) ? 0 : this.#mend(of)));
    return connections;
  }

  /** @returns whether anything was cut */
  async mend(name: string): Promise<boolean> {
    return (await this.#sum(name, 'broker', (passage) => this.#mend(passage))) > 0;
  }

  #mend(passage: string): Promise<number> {
    this.#cut.delete(passage);
    return this.#host.carryOut({ type: 'mend', passage });
  }

  /** @returns how many connections were reset, all of them gone */
  async reset(name: string, side: LinkSide): Promise<number> {
    return this.#sum(name, side, (passage) => this.#host.carryOut({ type: 'reset', passage }));
  }

  /** @returns how many connections have the toxic now; new ones will have it too */
  async poison(name: string, side: LinkSide, toxic: ToxicSpec): Promise<number> {
    return this.#sum(name, side, (passage) => this.#host.carryOut({ type: 'poison', passage, toxic }));
  }

  /** @returns whether there was such a toxic */
  async cure(name: string, side: LinkSide, toxic: ToxicSpec['type']): Promise<boolean> {
    return (await this.#sum(name, side, (passage) => this.#host.carryOut({ type: 'cure', passage, toxic }))) > 0;
  }

  async #open(side: LinkSide, node: string, target: BackendAddress): Promise<void> {
    this.#ports[side].set(node, await this.#host.carryOut({ type: 'open', passage: passageOf(side, node), target }));
  }

  async #sum(name: string, side: LinkSide, ask: (passage: string) => Promise<number>): Promise<number> {
    const known = [...this.#ports[side].keys()];
    const nodes = side === 'broker' && name === 'broker' ? known : known.filter((node) => node === name);
    if (nodes.length === 0) {
      const hint = `There are: ${[...known, ...(side === 'broker' ? ['broker'] : [])].join(', ')}`;
      const peer = side === 'broker' ? 'the broker' : 'its clients';
      throw new AppError('not-found', `no link of ${name} to ${peer} can be cut`, { hint });
    }
    const counts = await Promise.all(nodes.map((node) => ask(passageOf(side, node))));
    return counts.reduce((sum, count) => sum + count, 0);
  }
}

function passageOf(side: LinkSide, node: string): string {
  return `${node} ${side}`;
}

function throughPort(text: string, port: number): string {
  const url = new URL(text);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  return url.href;
}
