import { expect } from 'vitest';
import { Place } from '../end-to-end/place.js';
import { RawClient } from '../server/raw-client.js';
import { metricOf } from '../server/test-node.js';

const topic = '/topic/of-those-who-behave';

/** A relay node in a process of its own, started as a user starts it, and two clients of it that behave. */
export class RunningNode implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #place: Place;
  readonly #output: { readonly stdout: string; readonly stderr: string };
  readonly #subscriber: RawClient;
  readonly #publisher: RawClient;
  #published = 0;

  private constructor(
    place: Place,
    output: { stdout: string; stderr: string },
    ready: { port: number; url: string },
    clients: readonly [RawClient, RawClient],
  ) {
    this.#place = place;
    this.#output = output;
    this.port = ready.port;
    this.url = ready.url;
    [this.#subscriber, this.#publisher] = clients;
  }

  /** @param limits other limits than the defaults, as `--limit` takes them */
  static async start(limits: readonly string[] = []): Promise<RunningNode> {
    const place = new Place();
    const flags = limits.flatMap((limit) => ['--limit', limit]);
    const started = place.start(['node', '--port', '0', ...flags]);
    await started.says('"ready":true');
    const ready: { port: number; url: string } = JSON.parse(started.said.stdout.split('\n')[0] ?? '');
    const [subscriber, publisher] = [
      await RawClient.overWebSocket(ready.url),
      await RawClient.overWebSocket(ready.url),
    ];
    for (const client of [subscriber, publisher]) await client.connect();
    await subscriber.asked('SUBSCRIBE', { id: '1', destination: topic });
    return new RunningNode(place, started.said, ready, [subscriber, publisher]);
  }

  /** All that the process has printed. */
  get printed(): string {
    return this.#output.stdout + this.#output.stderr;
  }

  /** The process is the same, says that it is well, and the next message arrives, exactly that and once. */
  async expectServing(): Promise<void> {
    const body = `message ${++this.#published}`;
    await this.#publisher.asked('SEND', { destination: topic }, body);
    expect(await this.#subscriber.bodies(1)).toEqual([body]);
    expect(await this.page('/health')).toContain('"status":"ok"');
    expect(this.#place.processes()).toHaveLength(1);
  }

  metric(name: string): Promise<number> {
    return metricOf(this.port, name);
  }

  /** The text of one of its pages. */
  async page(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.port}${path}`)).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.#subscriber, this.#publisher]) await client[Symbol.asyncDispose]();
    this.#place.remove();
  }
}
