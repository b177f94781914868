import { nowMicros } from '../core/clock.js';
import type { DueTimes } from './due-times.js';

/** A clock that can wake; replaced in tests. */
export interface PacerClock {
  nowMicros(): number;
  /** @returns how to call it off */
  wake(afterMs: number, callback: () => void): () => void;
}

const realClock: PacerClock = {
  nowMicros,
  wake(afterMs, callback) {
    const timer = setTimeout(callback, afterMs);
    return () => clearTimeout(timer);
  },
};

interface Entry {
  readonly slot: number;
  readonly times: DueTimes;
  dueMicros: number;
}

/** Whether `a` is due before `b`; equal moments in order of slots, so that a run is the same every time. */
function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMicros < b.dueMicros || (a.dueMicros === b.dueMicros && a.slot < b.slot);
}

/**
 * An open schedule [ledger, Measuring latency]: it says when messages are due whether or not the system
 * keeps up. It is never re-based: after a stall everything overdue is told at once, each with the moment
 * at which it should have been sent. One timer for all publishers of a worker.
 */
export class Pacer {
  readonly #clock: PacerClock;
  readonly #onDue: (slot: number, dueMicros: number) => void;
  readonly #endMicros: number;
  readonly #onEnd: () => void;
  /** Binary heap, the earliest first. */
  readonly #heap: Entry[] = [];
  #cancel: (() => void) | undefined;
  #state: 'new' | 'running' | 'ended' = 'new';

  /**
   * @param onDue told once for each moment before `endMicros`, in order
   * @param onEnd told once, at `endMicros` or at `stop()`
   */
  constructor(options: {
    onDue: (slot: number, dueMicros: number) => void;
    endMicros: number;
    onEnd: () => void;
    clock?: PacerClock;
  }) {
    this.#clock = options.clock ?? realClock;
    this.#onDue = options.onDue;
    this.#endMicros = options.endMicros;
    this.#onEnd = options.onEnd;
  }

  /** Adds a publisher; before `start`. */
  add(slot: number, times: DueTimes): void {
    const dueMicros = times.next();
    if (dueMicros >= this.#endMicros) return;
    this.#heap.push({ slot, times, dueMicros });
    this.#siftUp(this.#heap.length - 1);
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#turn();
  }

  /** Ends it early. */
  stop(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#cancel?.();
    this.#onEnd();
  }

  #turn(): void {
    const nextMicros = this.#tellDue();
    if (this.#state !== 'running') return;
    const waitMs = (nextMicros - this.#clock.nowMicros()) / 1000;
    if (waitMs <= 0 && nextMicros >= this.#endMicros) return this.stop();
    // Timers count whole milliseconds and come late rather than early: round down, then look again. Telling takes
    // time in which more falls due; that waits a turn too, so that the sockets get theirs.
    this.#cancel = this.#clock.wake(Math.max(1, Math.floor(waitMs)), () => this.#turn());
  }

  /** Tells everything due by now. @returns when the next one is due; the end when there is none */
  #tellDue(): number {
    const untilMicros = this.#clock.nowMicros();
    let first = this.#heap[0];
    while (first !== undefined && first.dueMicros <= untilMicros && this.#state === 'running') {
      this.#onDue(first.slot, first.dueMicros);
      first.dueMicros = first.times.next();
      if (first.dueMicros >= this.#endMicros) this.#removeFirst();
      else this.#siftDown();
      first = this.#heap[0];
    }
    return this.#state === 'running' && first !== undefined ? first.dueMicros : this.#endMicros;
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const entry = heap[from] as Entry;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(entry, heap[above] as Entry)) break;
      heap[at] = heap[above] as Entry;
      at = above;
    }
    heap[at] = entry;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const entry = heap[0] as Entry;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Entry, heap[below] as Entry)) below++;
      if (!isBefore(heap[below] as Entry, entry)) break;
      heap[at] = heap[below] as Entry;
      at = below;
    }
    heap[at] = entry;
  }
}
