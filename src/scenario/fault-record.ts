import { AppError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { FaultRequest, FaultScene, Injection } from '../faults/fault.js';
import { Injector } from '../faults/injector.js';
import type { FaultAccount } from '../record/account.js';
import type { FaultReport } from '../record/result.js';
import type { RunFolder } from '../record/run-folder.js';
import { runFaultSchedule } from './fault-schedule.js';
import { faultReports } from './run-result.js';
import type { RunView } from './run-view.js';
import type { Step } from './scenario.js';
import { describeStep } from './step-words.js';

/** Does a fault by hand; it becomes part of the run's record like a step. Rejects when it did not happen. */
export type Inject = (name: string, request: FaultRequest) => Promise<void>;

/** Everything that was done to the cluster in a run: by its steps and by hand. */
export class FaultRecord {
  readonly #injector: Injector;
  readonly #view: RunView;
  readonly #folder: RunFolder | undefined;
  readonly #injections: Injection[] = [];

  constructor(scene: FaultScene, view: RunView, folder: RunFolder | undefined) {
    this.#injector = new Injector(scene);
    this.#view = view;
    this.#folder = folder;
  }

  get injections(): readonly Injection[] {
    return this.#injections;
  }

  /** Carries out the steps at their times; resolves when all have ended. */
  async performSteps(
    steps: readonly Step[],
    around: { nodes: readonly string[]; loadStartMicros: number; random: Random; signal: AbortSignal },
  ): Promise<void> {
    await runFaultSchedule({
      ...around,
      steps,
      injector: this.#injector,
      onStarted: (step, name) => this.#view.say(describeStep(step, name), 'warning'),
      onInjected: (injection) => this.#note(injection),
    });
  }

  readonly injectByHand: Inject = async (name, request) => {
    this.#view.say(`${request.type} ${name}, by hand`, 'warning');
    const injection = await this.#injector.inject(name, request);
    this.#note(injection);
    if (injection.failure !== undefined) throw new AppError('control-failed', injection.failure);
  };

  /** With what the ledger found where there are accounts; only disturbing faults have one. */
  reports(accounts: readonly FaultAccount[]): FaultReport[] {
    return faultReports(this.#injections, accounts, this.#view.loadStartMicros ?? 0);
  }

  /** Undoes everything that would outlive the run, and says what could not be undone. */
  async heal(): Promise<void> {
    for (const failure of await this.#injector.heal()) this.#view.say(failure, 'error');
  }

  #note(injection: Injection): void {
    this.#injections.push(injection);
    const [report] = faultReports([injection], [], this.#view.loadStartMicros ?? injection.atMicros);
    if (report !== undefined) {
      const { droppedClients, noticedMs, recoveredMs, missing, ...fault } = report;
      this.#folder?.event({ type: 'fault-injected', fault, atMicros: injection.atMicros });
    }
    if (injection.failure !== undefined) this.#view.say(injection.failure, 'error');
  }
}
