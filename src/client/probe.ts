import { nowMicros } from '../core/clock.js';
import type { Random } from '../core/random.js';
import type { Connection, ConnectionOptions, Engine } from './connection.js';
import { reconnectDelayMs } from './reconnect-profiles.js';

/** Where a probe connects, and as whom. */
export type ProbeTarget = Omit<ConnectionOptions, 'events'>;

/** A connection to one node that only sends, fences and canaries. It comes back quickly, because the check of a node that is back waits for it. */
export class Probe {
  readonly #engine: Engine;
  readonly #target: ProbeTarget;
  readonly #random: Random;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #openSinceMicros = 0;
  #state: 'idle' | 'running' | 'closed' = 'idle';
  /** Told of the RECEIPTs that were asked for. */
  onReceipt: (id: string) => void = () => undefined;

  constructor(engine: Engine, target: ProbeTarget, random: Random) {
    this.#engine = engine;
    this.#target = target;
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#connection?.isOpen === true;
  }

  /** Since when it is open; only then what was sent over it may be missed. */
  get openSinceMicros(): number {
    return this.isOpen ? this.#openSinceMicros : Number.POSITIVE_INFINITY;
  }

  start(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    this.#connect();
  }

  send(destination: string, body: Buffer, receiptId?: string): void {
    this.#connection?.send(destination, body, receiptId);
  }

  close(): void {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    this.#connection?.disconnect();
  }

  #connect(): void {
    const ignore = (): void => undefined;
    const connected = (): void => {
      this.#attempt = 0;
      this.#openSinceMicros = nowMicros();
    };
    const receipt = (id: string): void => this.onReceipt(id);
    const events = { connected, message: ignore, receipt, error: ignore, closed: () => this.#comeBack() };
    this.#connection = this.#engine.open({ ...this.#target, events });
  }

  #comeBack(): void {
    this.#connection = undefined;
    if (this.#state !== 'running') return;
    const options = { minMs: 100, maxMs: 1000, random: this.#random };
    this.#timer = setTimeout(() => this.#connect(), reconnectDelayMs('full-jitter', this.#attempt++, options));
  }
}
