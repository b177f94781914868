import type { Cluster } from '../cluster/cluster.js';
import { measureUsage } from '../cluster/process-usage.js';
import { nowMicros } from '../core/clock.js';
import type { ProcessSample } from '../record/process-usage.js';

const everyMicros = 5_000_000;

/** Measures what the processes use, every five seconds while the load goes on, and once at its end. */
export class UsageWatch {
  readonly #cluster: Cluster;
  readonly #onMeasured: (atMicros: number, processes: readonly ProcessSample[]) => void;
  #dueMicros = 0;

  constructor(cluster: Cluster, onMeasured: (atMicros: number, processes: readonly ProcessSample[]) => void) {
    this.#cluster = cluster;
    this.#onMeasured = onMeasured;
  }

  /** To be called often. */
  look(): void {
    const atMicros = nowMicros();
    if (atMicros < this.#dueMicros) return;
    this.#dueMicros = atMicros + everyMicros;
    void this.measure();
  }

  async measure(): Promise<void> {
    const processes = await measureUsage(this.#cluster.lastStatus);
    this.#onMeasured(nowMicros(), processes);
  }
}
