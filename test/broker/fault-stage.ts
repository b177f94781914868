import { expect } from 'vitest';
import type { Broker, BrokerEvents } from '../../src/broker/broker.js';
import { sleep, waitUntil } from '../../src/core/clock.js';
import { EventLog, messageFor } from './contract.js';
import { CuttableLink } from './cuttable-link.js';

/** A bound for a machine under load, where the tools of some servers take ten seconds and more each time. */
export const patience = { timeoutMs: 120_000 };

/** What a server still has of its topics when it was killed and started again. */
export type Kept = 'everything' | 'nothing';

/** A server that a test may treat badly. */
export interface FaultyServer {
  /** Lets it hang until the function that is returned is called. */
  pause(): Promise<() => void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again on the same port; resolves when it takes connections. */
  start(kept: Kept): Promise<void>;
}

export interface FaultStageOptions {
  readonly server: FaultyServer;
  /** Where the server listens on 127.0.0.1. */
  readonly port: number;
  /** Opens a node's broker that reaches the server over a port of 127.0.0.1. */
  readonly open: (port: number, events: BrokerEvents) => Promise<Broker>;
  /** The TCP connections of one broker. Left out means 1. */
  readonly connections?: number;
  /** What ends with the stage. */
  readonly owns?: AsyncDisposable;
}

const portion = 500;
let stages = 0;
let said = 0;

/** A node's broker behind a link that can be cut, another node's straight at the server, and what each was told. */
export class FaultStage implements AsyncDisposable {
  /** Of this stage alone. */
  readonly topic: string;
  /** Of this stage alone. */
  readonly queue: string;
  readonly link: CuttableLink;
  /** What the broker behind the link was told. */
  readonly log = new EventLog();
  /** What the other was told. */
  readonly elsewhere = new EventLog();
  /** The TCP connections of one broker. */
  readonly connections: number;
  readonly server: FaultyServer;
  /** Where the server listens. */
  readonly port: number;
  readonly #options: FaultStageOptions;
  #brokers: { broker: Broker; other: Broker } | undefined;

  private constructor(link: CuttableLink, options: FaultStageOptions) {
    stages++;
    this.topic = `/topic/faults.${stages}`;
    this.queue = `/queue/faults.${stages}`;
    this.link = link;
    this.#options = options;
    ({ server: this.server, port: this.port, connections: this.connections = 1 } = options);
  }

  static async open(options: FaultStageOptions): Promise<FaultStage> {
    const stage = new FaultStage(await CuttableLink.open(options.port), options);
    const broker = await options.open(stage.link.port, stage.log);
    stage.#brokers = { broker, other: await options.open(options.port, stage.elsewhere) };
    return stage;
  }

  /** Behind the link. */
  get broker(): Broker {
    return this.#open.broker;
  }

  /** Nothing happens to it but what happens to the server. */
  get other(): Broker {
    return this.#open.other;
  }

  /** Another broker straight at the server. */
  openDirect(events: BrokerEvents): Promise<Broker> {
    return this.#options.open(this.port, events);
  }

  /** Puts another broker in the place of the one behind the link. */
  async reopen(open: FaultStageOptions['open']): Promise<void> {
    const brokers = this.#open;
    await brokers.broker[Symbol.asyncDispose]();
    brokers.broker = await open(this.link.port, this.log);
  }

  async becomes(status: Broker['status'], broker = this.broker): Promise<void> {
    // A link that is merely lost may be back within a few milliseconds.
    expect(await waitUntil(() => broker.status === status, { ...patience, everyMs: 1 })).toBe(true);
  }

  /** Cuts every connection of the broker; resolves when it has made as many new ones. */
  async cut(): Promise<void> {
    const wanted = this.link.connections + this.connections;
    this.link.cut();
    expect(await waitUntil(() => this.link.connections >= wanted, patience)).toBe(true);
  }

  /** Cuts each link again at some moment in which interest is being taken up over it; resolves when the last is ready. */
  async cutWhileTakenUp(): Promise<void> {
    for (const afterMs of [0, 1, 2, 4, 8, 16]) {
      const wanted = this.link.connections + this.connections;
      this.link.cut();
      expect(await waitUntil(() => this.link.connections >= wanted, { ...patience, everyMs: 1 })).toBe(true);
      await sleep(afterMs);
    }
    await this.cut();
    await this.becomes('ready');
  }

  /** Cuts the link and keeps it so. */
  async goesAway(): Promise<void> {
    this.link.isBarred = true;
    this.link.cut();
    await this.becomes('away');
  }

  async comesBack(): Promise<void> {
    this.link.isBarred = false;
    await this.becomes('ready');
  }

  /** Published by the other; resolves when all are confirmed. */
  async othersSay(bodies: readonly string[], destination = this.topic): Promise<void> {
    // Ids of its own: a server that counts each publisher's ids would take those of the broker for repeated.
    const messages = bodies.map((body) => ({ ...messageFor(destination, body), id: `other:${++said}` }));
    // In portions: a slow machine must not keep the last of many from being confirmed in time.
    for (let from = 0; from < messages.length; from += portion) {
      await Promise.all(messages.slice(from, from + portion).map((message) => this.other.publish(message)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { broker, other } = this.#brokers ?? {};
    for (const open of [broker, other, this.link, this.#options.owns]) await open?.[Symbol.asyncDispose]();
  }

  get #open(): { broker: Broker; other: Broker } {
    if (this.#brokers === undefined) throw new Error('the stage is not open');
    return this.#brokers;
  }
}
