import type { Cause, FaultReport, Generator, Quantiles, Reach } from './result.js';

/** State of a process seen from outside. */
export type ProcessState = 'starting' | 'up' | 'hung' | 'down' | 'failed';

/** One process of a cluster, as `ps` prints it and the dashboard draws it. */
export interface ProcessStatus {
  readonly name: string;
  readonly role: 'node' | 'broker' | 'balancer' | 'worker' | 'passages';
  readonly state: ProcessState;
  readonly pid: number | null;
  readonly port: number | null;
  readonly url: string | null;
  /** Whether it would take new clients, as it says itself: a node with its broker, that does not drain. */
  readonly ready: boolean | null;
  readonly connections: number | null;
  readonly uptimeMs: number | null;
  readonly restarts: number;
  /** From the process's own metrics where it has them. */
  readonly messagesPerSecond: number | null;
  readonly cpuPercent: number | null;
  readonly rssBytes: number | null;
  readonly loopDelayMs: number | null;
  readonly unsentBytes: number | null;
}

/** One line of the event log. */
export interface EventLine {
  /** Since the start of the load, or of the cluster when there is no run. */
  readonly atMs: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** The state of a run so far; what a dashboard or a progress line shows. */
export interface RunSnapshot {
  readonly name: string;
  readonly seed: number;
  readonly phase: 'starting' | 'fences' | 'warm-up' | 'load' | 'drain' | 'report';
  readonly elapsedMs: number;
  readonly durationMs: number;
  readonly clients: { readonly connected: number; readonly total: number };
  readonly sent: number;
  /** Pairs whose deadline has passed or that have arrived. */
  readonly expected: number;
  readonly once: number;
  readonly late: number;
  readonly missing: number;
  readonly duplicate: number;
  readonly missingByCause: Readonly<Partial<Record<Cause, number>>>;
  readonly response: Quantiles;
  readonly reach: Reach;
  readonly faults: readonly FaultReport[];
  readonly generator: Generator;
  readonly thresholds: readonly { readonly text: string; readonly ok: boolean | null }[];
}
