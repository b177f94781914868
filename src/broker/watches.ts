import { nowMs } from '../core/clock.js';
import { FrameHeaders } from '../stomp/frame.js';
import { type BrokerMessage, BrokerRefusal, type Position } from './broker.js';

/** What a RECEIPT of a SUBSCRIBE says. */
export interface SubscribeAnswer {
  readonly recovered: string | undefined;
  readonly position: Position | undefined;
}

interface Waiting {
  readonly sinceMs: number;
  readonly resolve: (position: Position | undefined) => void;
  readonly reject: (error: BrokerRefusal) => void;
}

interface Watch {
  readonly id: string;
  readonly destination: string;
  /** The last message that came through, or where the interest began. */
  position: Position | undefined;
  inForce: boolean;
  /** Whether it has ever been in force: what is missed before that nobody was promised. */
  wasInForce: boolean;
  /** Those who asked while the interest was not in force. */
  waiting: Waiting[];
}

/**
 * The destinations in which a node is interested, each one subscription on its broker connection.
 * They outlive the connection: over the next one each asks for what came after its position.
 */
export class Watches {
  readonly #onGap: (destination: string, position: Position | undefined) => void;
  readonly #byDestination = new Map<string, Watch>();
  readonly #byId = new Map<string, Watch>();
  #made = 0;
  #notInForce = 0;
  #whenAllInForce: (() => void) | undefined;

  /** @param onGap told when the broker cannot replay what was missed on a destination */
  constructor(onGap: (destination: string, position: Position | undefined) => void) {
    this.#onGap = onGap;
  }

  /** @returns false when the destination is watched already */
  add(destination: string): boolean {
    if (this.#byDestination.has(destination)) return false;
    const watch: Watch = {
      id: `w-${++this.#made}`,
      destination,
      position: undefined,
      inForce: false,
      wasInForce: false,
      waiting: [],
    };
    this.#byDestination.set(destination, watch);
    this.#byId.set(watch.id, watch);
    this.#notInForce++;
    return true;
  }

  /** Resolves when the interest is in force, with its position at that moment, or when it ends. */
  inForce(destination: string): Promise<Position | undefined> {
    const watch = this.#byDestination.get(destination);
    if (watch === undefined || watch.inForce) return Promise.resolve(watch?.position);
    return new Promise((resolve, reject) => {
      watch.waiting.push({ sinceMs: nowMs(), resolve, reject });
    });
  }

  /** @returns the subscription id to UNSUBSCRIBE */
  remove(destination: string): string | undefined {
    const watch = this.#byDestination.get(destination);
    if (watch === undefined) return undefined;
    this.#byDestination.delete(destination);
    this.#byId.delete(watch.id);
    if (!watch.inForce) this.#oneLess();
    for (const waiting of watch.waiting.splice(0)) waiting.resolve(undefined);
    return watch.id;
  }

  destinations(): string[] {
    return [...this.#byDestination.keys()];
  }

  /** The id of a destination's watch and the last message that came through. */
  find(destination: string): { readonly id: string; readonly position: Position | undefined } | undefined {
    return this.#byDestination.get(destination);
  }

  subscribeHeaders(destination: string): FrameHeaders | undefined {
    const watch = this.#byDestination.get(destination);
    if (watch === undefined) return undefined;
    const entries = { id: watch.id, destination, receipt: watch.id };
    if (watch.position === undefined) return FrameHeaders.of(entries);
    return FrameHeaders.of({ ...entries, epoch: watch.position.epoch, offset: String(watch.position.offset) });
  }

  /** Moves the position on. @returns false for a message that came before, or of an interest that ended */
  advance(id: string, message: BrokerMessage): boolean {
    const watch = this.#byId.get(id);
    if (watch === undefined) return false;
    const { position } = message;
    if (position === undefined) return true;
    if (watch.position?.epoch === position.epoch && position.offset <= watch.position.offset) return false;
    watch.position = position;
    return true;
  }

  /** @returns whether the receipt belongs to a watch */
  confirm(id: string, answer: SubscribeAnswer): boolean {
    const watch = this.#byId.get(id);
    if (watch === undefined) return id.startsWith('w-');
    const hadPosition = watch.position !== undefined;
    if ((hadPosition || watch.wasInForce) && answer.recovered === 'false')
      this.#onGap(watch.destination, answer.position);
    if (!hadPosition || answer.recovered === 'false') watch.position = answer.position;
    if (!watch.inForce) {
      watch.inForce = true;
      watch.wasInForce = true;
      this.#oneLess();
    }
    for (const waiting of watch.waiting.splice(0)) waiting.resolve(watch.position);
    return true;
  }

  /** Messages were lost, nobody knows of which destination: a gap for all that have been in force. */
  lost(): void {
    for (const { destination, position, wasInForce } of this.#byId.values()) {
      if (wasInForce) this.#onGap(destination, position);
    }
  }

  connectionLost(): void {
    for (const watch of this.#byId.values()) watch.inForce = false;
    this.#notInForce = this.#byId.size;
    // Whoever waits for the lost connection must not wait for ever: the next attempt asks anew.
    this.#whenAllInForce?.();
  }

  /** Resolves when every watch is in force, the connection was lost, or the signal is aborted. */
  allInForce(signal: AbortSignal): Promise<void> {
    if (this.#notInForce === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#whenAllInForce = undefined;
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#whenAllInForce = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }

  refuseExpired(maxWaitMs: number): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const watch of this.#byId.values()) {
      // They came one after the other, so the first is the oldest.
      while ((watch.waiting[0]?.sinceMs ?? oldestMs) < oldestMs) {
        watch.waiting.shift()?.reject(new BrokerRefusal('The broker is away.'));
      }
    }
  }

  refuseAll(reason: string): void {
    for (const watch of this.#byId.values()) {
      for (const waiting of watch.waiting.splice(0)) waiting.reject(new BrokerRefusal(reason));
    }
  }

  #oneLess(): void {
    this.#notInForce--;
    if (this.#notInForce === 0) this.#whenAllInForce?.();
  }
}
