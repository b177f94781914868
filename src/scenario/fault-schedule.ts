import { nowMicros, sleep } from '../core/clock.js';
import type { Random } from '../core/random.js';
import type { Injection } from '../faults/fault.js';
import type { Injector } from '../faults/injector.js';
import type { Step } from './scenario.js';

export interface FaultScheduleOptions {
  readonly steps: readonly Step[];
  readonly nodes: readonly string[];
  readonly injector: Injector;
  /** Start of the load: the steps' time 0. */
  readonly loadStartMicros: number;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told before and after each fault. */
  readonly onStarted: (step: Step, name: string) => void;
  readonly onInjected: (injection: Injection) => void;
}

async function untilMicros(atMicros: number, signal: AbortSignal): Promise<void> {
  const waitMs = (atMicros - nowMicros()) / 1000;
  if (waitMs > 0) await sleep(waitMs, signal);
}

async function carryOut(step: Step, name: string, options: FaultScheduleOptions): Promise<void> {
  const { injector, signal, onInjected, onStarted } = options;
  onStarted(step, name);
  const injection = await injector.inject(name, step);
  onInjected(injection);
  if (step.forMs === undefined || injection.observedAtMicros === undefined) return;
  await untilMicros(injection.observedAtMicros + step.forMs * 1000, signal);
  onInjected(await injector.end(name, step));
}

/**
 * Carries out the steps of a scenario at their times. Steps do not wait for each other: a slow drain
 * must not move a later kill. Resolves when all have ended; a step whose time has not come when the
 * signal is aborted is left out.
 */
export async function runFaultSchedule(options: FaultScheduleOptions): Promise<void> {
  const { steps, nodes, loadStartMicros, random, signal } = options;
  await Promise.all(
    steps.map(async (step, index) => {
      const names =
        step.targets === 'random' ? [nodes[random.fork(`step ${index}`).int(nodes.length)] ?? ''] : step.targets;
      try {
        await untilMicros(loadStartMicros + step.atMs * 1000, signal);
        await Promise.all(names.map((name) => carryOut(step, name, options)));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }),
  );
}
