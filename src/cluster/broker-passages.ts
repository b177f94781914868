import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import { Passage } from '../proxy/passage.js';
import { brokerAddress } from './broker-address.js';

/**
 * Between each node and the broker a passage that can be cut. They belong to the process that started the
 * cluster and cost it the bytes of every message, so they are there only where something is to be cut.
 */
export class BrokerPassages implements AsyncDisposable {
  readonly #brokerUrl: string;
  readonly #passages: ReadonlyMap<string, Passage>;

  private constructor(brokerUrl: string, passages: ReadonlyMap<string, Passage>) {
    this.#brokerUrl = brokerUrl;
    this.#passages = passages;
  }

  /**
   * @throws AppError `usage` where there is nothing to cut (`simple`), and for a URL with TLS: the certificate is
   * for the broker's name, which the passage does not have
   */
  static async open(brokerUrl: string, nodes: readonly string[]): Promise<BrokerPassages> {
    const address = brokerAddress(brokerUrl);
    if (address === undefined || /^(rediss|amqps|stomps):/i.test(brokerUrl)) {
      const why = address === undefined ? 'nothing leads to one' : 'a connection with TLS cannot be led through a cut';
      throw new AppError('usage', `The link to the broker ${redactUrl(brokerUrl)} cannot be cut: ${why}.`, {
        hint: 'Use the broker "embedded", or a URL without TLS.',
      });
    }
    const passages = new Map<string, Passage>();
    for (const node of nodes) passages.set(node, await Passage.open(address));
    return new BrokerPassages(brokerUrl, passages);
  }

  /** The broker's URL as the node is to use it: with the passage's address, everything else unchanged. */
  urlFor(node: string): string {
    const url = new URL(this.#brokerUrl);
    url.hostname = '127.0.0.1';
    url.port = String(this.#passagesOf(node)[0]?.port ?? '');
    return url.href;
  }

  /** @param name a node, or `broker` for all. @returns how many connections were cut, all of them gone */
  async cut(name: string): Promise<number> {
    const counts = await Promise.all(this.#passagesOf(name).map((passage) => passage.cut()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** @returns whether anything was cut */
  mend(name: string): boolean {
    const passages = this.#passagesOf(name).filter((passage) => passage.isCut);
    for (const passage of passages) passage.mend();
    return passages.length > 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#passages.values()].map((passage) => passage[Symbol.asyncDispose]()));
  }

  #passagesOf(name: string): readonly Passage[] {
    if (name === 'broker') return [...this.#passages.values()];
    const passage = this.#passages.get(name);
    if (passage !== undefined) return [passage];
    const names = [...this.#passages.keys(), 'broker'].join(', ');
    throw new AppError('not-found', `no link of ${name} to the broker can be cut`, { hint: `There are: ${names}` });
  }
}
