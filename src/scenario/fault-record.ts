import { nowMicros } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import type { FaultRequest, FaultScene, FaultTarget, Injection } from '../faults/fault.js';
import { Injector } from '../faults/injector.js';
import type { FaultReport } from '../record/result.js';
import { type FaultScheduleOptions, runFaultSchedule } from './fault-schedule.js';
import { faultReports } from './run-result.js';
import type { RunView } from './run-view.js';
import type { Scenario } from './scenario.js';
import { describeStep } from './step-words.js';

/** Does a fault by hand; it becomes part of the run's record like a step. Rejects when it did not happen. */
export type Inject = (name: string, request: FaultRequest) => Promise<void>;

/** Everything that was done to the cluster in a run: by its steps and by hand. */
export class FaultRecord {
  readonly #injector: Injector;
  readonly #view: RunView;
  readonly #onInjected: (injection: Injection) => void;
  readonly #injections: Injection[] = [];

  /** @param onInjected told of every fault, also of one that did not happen */
  constructor(scene: FaultScene, view: RunView, onInjected: (injection: Injection) => void) {
    this.#injector = new Injector(scene);
    this.#view = view;
    this.#onInjected = onInjected;
  }

  /** Carries out the steps at their times; resolves when all have ended. */
  async performSteps(
    scenario: Scenario,
    around: Omit<FaultScheduleOptions, 'scenario' | 'injector' | 'onStarted' | 'onInjected' | 'onSkipped'>,
  ): Promise<void> {
    await runFaultSchedule({
      ...around,
      scenario,
      injector: this.#injector,
      onStarted: (step, name) => this.#view.say(describeStep(step, name), 'warning'),
      onInjected: (injection) => this.#note(injection),
      onSkipped: (step) => {
        const every = formatDuration(step.every?.intervalMs ?? 0);
        this.#view.say(`${step.type}, due every ${every}, is skipped: its last one has not ended`, 'warning');
      },
    });
  }

  readonly injectByHand: Inject = async (name, request) => {
    this.#view.say(`${request.type} ${name}, by hand`, 'warning');
    const injection = await this.#injector.inject(name, request);
    this.#note(injection);
    if (injection.failure !== undefined) throw new AppError('control-failed', injection.failure);
  };

  /** What was done so far, without what the ledger will find. */
  reports(): FaultReport[] {
    return faultReports(this.#injections, [], this.#view.loadStartMicros ?? 0);
  }

  /** Everything that was done before this has been told, and will not be done any more. */
  completeToMicros(): number {
    return Math.min(nowMicros(), this.#injector.untoldSinceMicros());
  }

  /**
   * Undoes everything that would outlive the run, and says what could not be undone.
   * @param target only what was done to this
   */
  async heal(target?: FaultTarget): Promise<void> {
    for (const failure of await this.#injector.heal(target)) this.#view.say(failure, 'error');
  }

  #note(injection: Injection): void {
    this.#injections.push(injection);
    this.#onInjected(injection);
    this.#injector.told(injection);
    if (injection.failure !== undefined) this.#view.say(injection.failure, 'error');
  }
}
