import { nowMicros } from '../core/clock.js';
import type { LiveCounters } from '../record/live.js';
import type { FaultReport, Generator } from '../record/result.js';
import type { EventLine, RunSnapshot } from '../record/snapshot.js';
import { holds } from './expression.js';
import { measureLive } from './live-threshold.js';
import type { Scenario, Threshold } from './scenario.js';

/** What a view shows beside the ledger's counters. */
export interface ViewParts {
  readonly generator: Generator;
  readonly faults: readonly FaultReport[];
  readonly connected: number;
  readonly clients: number;
}

/** The state of a run for people who watch it: its phase, its clock, its events. */
export class RunView {
  phase: RunSnapshot['phase'] = 'starting';
  /** Start of the load; undefined until it is known. Events before it have negative times. */
  loadStartMicros: number | undefined;
  readonly #scenario: Scenario;
  readonly #seed: number;
  readonly #onEvent: (line: EventLine) => void;
  readonly #openedAtMicros = nowMicros();

  constructor(scenario: Scenario, seed: number, onEvent: (line: EventLine) => void) {
    this.#scenario = scenario;
    this.#seed = seed;
    this.#onEvent = onEvent;
  }

  /** Since the start of the load, or since the run began as long as there is no load. */
  atMs(micros: number): number {
    return (micros - (this.loadStartMicros ?? this.#openedAtMicros)) / 1000;
  }

  say(text: string, level: EventLine['level'] = 'info'): void {
    this.#onEvent({ atMs: this.atMs(nowMicros()), level, text });
  }

  /** Names the pairs of nodes between which fences never came. @param unreached [origin][receiving node] */
  sayUnreached(unreached: readonly (readonly number[])[], nodes: readonly string[]): void {
    const pairs = unreached.flatMap((row, origin) =>
      row.flatMap((count, node) => (count > 0 ? [`${nodes[origin]} to ${nodes[node]}`] : [])),
    );
    if (pairs.length === 0) return;
    const some = pairs.slice(0, 6).join(', ') + (pairs.length > 6 ? ` and ${pairs.length - 6} more` : '');
    this.say(`messages do not get through from ${some}`, 'warning');
  }

  /** Names the workers whose clocks are not ours, and what that leaves open. @param clocks by worker */
  sayClocks(clocks: readonly { readonly offsetMicros: number; readonly doubtMicros: number }[]): void {
    clocks.forEach(({ offsetMicros, doubtMicros }, worker) => {
      if (doubtMicros === 0) return;
      const way = offsetMicros < 0 ? 'behind' : 'ahead';
      const by = `${Math.abs(offsetMicros / 1000).toFixed(1)} ms ${way}, give or take ${(doubtMicros / 1000).toFixed(1)} ms`;
      this.say(`the clock of worker-${worker + 1} is ${by}; latencies only within one worker`, 'warning');
    });
  }

  snapshot(parts: ViewParts, live: LiveCounters): RunSnapshot {
    const now = nowMicros();
    return {
      name: this.#scenario.name,
      seed: this.#seed,
      phase: this.phase,
      elapsedMs: this.loadStartMicros === undefined ? 0 : Math.max(0, this.atMs(now)),
      durationMs: this.#scenario.durationMs,
      ...live,
      clients: { connected: parts.connected, total: parts.clients },
      faults: parts.faults,
      generator: parts.generator,
      thresholds: this.#scenario.thresholds.map((threshold) => ({
        text: `${threshold.metric} ${threshold.text}`,
        ok: this.#holdsSoFar(threshold, live),
      })),
    };
  }

  #holdsSoFar(threshold: Threshold, live: LiveCounters): boolean | null {
    const actual = measureLive(threshold, live);
    return actual === null ? null : holds(actual, threshold.expression.operator, threshold.expression.bound);
  }
}
