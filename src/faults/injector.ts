import type { Cluster } from '../cluster/cluster.js';
import { nowMicros } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { cutFault, mendFault } from './cut.js';
import type { Fault, FaultRequest, FaultType, Injection } from './fault.js';
import { killFault } from './kill.js';
import { pauseFault, unpauseFault } from './pause.js';
import { restartFault } from './restart.js';
import { startFault } from './start.js';
import { stopFault } from './stop.js';

/** Every fault by the name of its step. */
const faults: Readonly<Record<FaultType, Fault>> = {
  kill: killFault,
  stop: stopFault,
  start: startFault,
  restart: restartFault,
  pause: pauseFault,
  unpause: unpauseFault,
  cut: cutFault,
  mend: mendFault,
};

/** Does faults to one cluster and remembers what must be undone, whatever way the run ends. */
export class Injector {
  readonly #cluster: Cluster;
  readonly #toHeal = new Map<string, Fault>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Never rejects: a fault that did not happen is a finding of the run, not the end of it. */
  async inject(name: string, request: FaultRequest): Promise<Injection> {
    const fault = faults[request.type];
    const atMicros = nowMicros();
    if (fault.heal !== undefined) this.#toHeal.set(`${request.type} ${name}`, fault);
    let failure: string | undefined;
    try {
      await fault.inject(this.#cluster, name, request);
    } catch (error) {
      failure = messageOf(error);
    }
    const endedAtMicros = nowMicros();
    const brings = request.type === 'start' || request.type === 'restart';
    return {
      type: request.type,
      name,
      atMicros,
      observedAtMicros: failure === undefined ? endedAtMicros : undefined,
      failure,
      killed: fault.killed,
      disturbs: fault.disturbs,
      readyMs: brings && failure === undefined ? (endedAtMicros - atMicros) / 1000 : null,
    };
  }

  /** Undoes everything that would outlive the run. @returns what could not be undone, as sentences */
  async heal(): Promise<string[]> {
    const failures: string[] = [];
    for (const [key, fault] of this.#toHeal) {
      const name = key.slice(key.indexOf(' ') + 1);
      try {
        await fault.heal?.(this.#cluster, name);
      } catch (error) {
        failures.push(`${key} could not be undone: ${messageOf(error)}`);
      }
    }
    this.#toHeal.clear();
    return failures;
  }
}
