import { nowMicros, sleep } from '../core/clock.js';
import { type Deferred, deferred } from '../core/deferred.js';
import type { Random } from '../core/random.js';
import type { Injection } from '../faults/fault.js';
import type { Injector } from '../faults/injector.js';
import { faultOf } from '../faults/registry.js';
import { type PlannedStep, planChaos } from './chaos.js';
import { orAborted } from './or-aborted.js';
import type { After, Chaos, Scenario, Step } from './scenario.js';

export interface FaultScheduleOptions {
  readonly scenario: Pick<Scenario, 'steps' | 'chaos' | 'durationMs'>;
  readonly nodes: readonly string[];
  readonly injector: Injector;
  /** Start of the load: the steps' time 0. */
  readonly loadStartMicros: number;
  readonly random: Random;
  /** The end of the load. */
  readonly signal: AbortSignal;
  /** Whether that came before its time, because somebody asked for it. */
  readonly isEndedEarly: () => boolean;
  /** Resolves when every client has been connected and subscribed for a while. */
  readonly everybodyBack: (signal: AbortSignal) => Promise<void>;
  /** Told before and after each fault. */
  readonly onStarted: (step: Step, name: string) => void;
  readonly onInjected: (injection: Injection) => void;
  /** Told of one time of a step that is left out because its last one still goes on. */
  readonly onSkipped: (step: Step) => void;
}

/** What others may wait for. */
interface Marks {
  /** Whether the first time of a step was seen to have happened. */
  readonly happened: Deferred<boolean>;
  /** The same once it is over. */
  readonly over: Deferred<boolean>;
}

/** What a step did to one of its targets. */
interface Begun {
  readonly injection: Injection;
  /** Whether it can be what took the process down, seen or not: it does such things, and the process was there. */
  readonly mayTakeDown: boolean;
}

/**
 * Carries out the steps of a scenario at their times. Steps do not wait for each other unless they say so: a slow drain
 * must not move a later kill. Resolves when all have ended.
 *
 * A step whose time is counted from the start and has not come at the end of the load is left out. One that waited for
 * something which never came did not happen, which is a finding. What a step is to bring back comes back in any case.
 */
export async function runFaultSchedule(options: FaultScheduleOptions): Promise<void> {
  const schedule = new Schedule(options);
  const { steps, chaos } = options.scenario;
  await Promise.all([
    ...steps.map((step, index) => schedule.perform(step, index)),
    ...chaos.map((each, index) => schedule.performChaos(each, index)),
  ]);
}

class Schedule {
  readonly #options: FaultScheduleOptions;
  readonly #marks: readonly Marks[];

  constructor(options: FaultScheduleOptions) {
    this.#options = options;
    this.#marks = options.scenario.steps.map(() => ({ happened: deferred<boolean>(), over: deferred<boolean>() }));
  }

  async perform(step: Step, index: number): Promise<void> {
    const { signal, random } = this.#options;
    const own = random.fork(`step ${index}`);
    try {
      if (step.every !== undefined) await this.#repeat(step, step.every, index, own);
      else await this.#performOnce(step, index, this.#namesOf(step, own));
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async performChaos(chaos: Chaos, index: number): Promise<void> {
    const { nodes, random, signal, scenario } = this.#options;
    const planned = planChaos(chaos, nodes, scenario.durationMs, random.fork(`chaos ${index}`));
    const underway = new Map<PlannedStep, Promise<void>>();
    let notBeforeMs = 0;
    for (const [order, step] of planned.entries()) {
      try {
        await this.#until(Math.max(step.atMs, notBeforeMs));
        // Bringing a process back takes longer than planned at times; then the next one is late, not one too many.
        while (underway.size >= chaos.atOnce || [...underway.keys()].some((other) => meet(step, other))) {
          await orAborted(Promise.race(underway.values()), signal);
        }
        await this.#until(notBeforeMs);
      } catch (error) {
        if (!signal.aborted) throw error;
        for (const left of planned.slice(order))
          this.#leaveOut(left, left.targets, 'the load ended before there was room for it');
        break;
      }
      notBeforeMs = (nowMicros() - this.#options.loadStartMicros) / 1000 + chaos.gapMs;
      const done = this.#carryOutAll(step, step.targets).then(() => void underway.delete(step));
      underway.set(step, done);
    }
    await Promise.all(underway.values());
  }

  async #performOnce(step: Step, index: number, names: readonly string[]): Promise<void> {
    const { after } = step;
    if (after === undefined) await this.#until(step.atMs);
    else {
      const missed = await this.#waitFor(after);
      if (missed !== undefined) {
        for (const mark of Object.values(this.#marks[index] ?? {})) mark.resolve(false);
        return this.#leaveOut(step, names, missed);
      }
    }
    await this.#carryOutAll(step, names, this.#marks[index]);
  }

  /** Due times follow from the first one alone: whatever is late moves nothing. */
  async #repeat(step: Step, every: NonNullable<Step['every']>, index: number, random: Random): Promise<void> {
    const jitter = random.fork('jitter');
    let underway: Promise<void> | undefined;
    try {
      for (let baseMs = step.atMs; ; baseMs += every.intervalMs) {
        const names = this.#namesOf(step, random);
        const dueMs = baseMs + jitter.next() * every.jitterMs;
        // One that falls on the end of the load would be done to nobody.
        if (dueMs >= this.#options.scenario.durationMs) break;
        await this.#until(dueMs);
        if (underway !== undefined) {
          this.#options.onSkipped(step);
          continue;
        }
        underway = this.#carryOutAll(step, names, this.#marks[index]).finally(() => {
          underway = undefined;
        });
      }
    } finally {
      await underway;
    }
  }

  /** @returns why it never came; undefined once it has come */
  async #waitFor({ step, event, plusMs }: After): Promise<string | undefined> {
    const { signal, everybodyBack } = this.#options;
    const mark = this.#marks[step];
    try {
      const happened = await orAborted(
        (event === 'fault' ? mark?.happened : mark?.over)?.promise ?? Promise.resolve(false),
        signal,
      );
      if (!happened) return 'the step that it waits for did not happen';
      if (event === 'recovered') await everybodyBack(signal);
      await sleep(plusMs, signal);
      return undefined;
    } catch (error) {
      if (!signal.aborted) throw error;
      return event === 'fault' ? 'the load ended before' : 'the load ended before every client was back';
    }
  }

  async #carryOutAll(step: Step, names: readonly string[], marks?: Marks): Promise<void> {
    const begun = await Promise.all(names.map((name) => this.#begin(step, name)));
    const haveHappened = begun.every(({ injection }) => injection.observedAtMicros !== undefined);
    marks?.happened.resolve(haveHappened);
    await Promise.all(begun.map((each) => this.#end(step, each)));
    marks?.over.resolve(haveHappened);
  }

  async #begin(step: Step, name: string): Promise<Begun> {
    const { injector, onInjected, onStarted } = this.#options;
    onStarted(step, name);
    const mayTakeDown = faultOf(step.type).broughtBackBy !== undefined && !injector.isDown(name);
    const injection = await injector.inject(name, step);
    onInjected(injection);
    return { injection, mayTakeDown };
  }

  async #end(step: Step, { injection, mayTakeDown }: Begun): Promise<void> {
    const { injector, signal, onInjected } = this.#options;
    const { name, atMicros, observedAtMicros } = injection;
    const isSeen = observedAtMicros !== undefined;
    if (step.forMs === undefined || !(isSeen || mayTakeDown)) return;
    try {
      await untilMicros((observedAtMicros ?? nowMicros()) + step.forMs * 1000, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      // What lasts is undone with everything else before the drain; what is down would stay so.
      if (faultOf(step.type).broughtBackBy === undefined) return;
    }
    // A process that ended long after its signal was not seen to, and is down all the same.
    if (isSeen || injector.isDown(name)) onInjected(await injector.end(name, step, atMicros));
  }

  #leaveOut(step: Step, names: readonly string[], why: string): void {
    const { onInjected, isEndedEarly } = this.#options;
    if (isEndedEarly()) return;
    for (const name of names) {
      const failure = `${step.type} ${name} was left out: ${why}`;
      const nothing = { observedAtMicros: undefined, killed: false, disturbs: false, endedBy: [], readyMs: null };
      onInjected({ ...nothing, type: step.type, name, atMicros: nowMicros(), failure });
    }
  }

  #namesOf({ targets }: Step, random: Random): readonly string[] {
    const { nodes } = this.#options;
    return targets === 'random' ? [nodes[random.int(nodes.length)] ?? ''] : targets;
  }

  async #until(atMs: number): Promise<void> {
    await untilMicros(this.#options.loadStartMicros + atMs * 1000, this.#options.signal);
  }
}

function meet(a: PlannedStep, b: PlannedStep): boolean {
  return a.targets.some((name) => b.targets.includes(name));
}

async function untilMicros(atMicros: number, signal: AbortSignal): Promise<void> {
  const waitMs = (atMicros - nowMicros()) / 1000;
  if (waitMs > 0) await sleep(waitMs, signal);
}
