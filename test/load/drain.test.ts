import { expect, test } from 'vitest';
import { nowMicros, waitUntil } from '../../src/core/clock.js';
import { openWorkers } from '../../src/load/gather.js';
import { noProgress } from '../../src/load/merged-progress.js';
import type { FromWorker, Progress, RunnerChannel, ToWorker } from '../../src/load/protocol.js';
import { standStill } from '../services/stand-still.js';
import { specOf } from './spec.js';

/** A worker that does at once what it is told, and whose progress the test decides. */
class ScriptedWorker implements RunnerChannel {
  readonly told: ToWorker['type'][] = [];
  #listener: (message: FromWorker) => void = () => undefined;

  send(message: ToWorker): void {
    this.told.push(message.type);
    if (message.type === 'clock') {
      const { askedAtMicros } = message;
      queueMicrotask(() => this.#listener({ type: 'clock', askedAtMicros, readAtMicros: nowMicros() }));
    } else if (message.type !== 'stop' && message.type !== 'disturb') {
      const progress: Progress = { ...noProgress, drainSent: 2, drainExpected: 2 };
      queueMicrotask(() => this.#listener({ type: 'done', phase: message.type, progress }));
    }
  }

  onMessage(listener: (message: FromWorker) => void): void {
    this.#listener = listener;
  }

  onClosed(): void {}

  reports(progress: Partial<Progress>): void {
    const whole: Progress = { ...noProgress, drainSent: 2, drainExpected: 2, ...progress };
    this.#listener({ type: 'progress', progress: whole });
  }
}

async function openOne() {
  const worker = new ScriptedWorker();
  const workers = await openWorkers([worker], specOf(), { onFacts: () => undefined, onGenerator: () => undefined });
  return { worker, workers };
}

const bounds = { timeoutMs: 60_000, quietMs: 500 };

test('a drain in which nothing arrives is given up after the quiet, and once more after its fences were repeated', async () => {
  const { worker, workers } = await openOne();
  expect(await workers.drain(bounds)).toEqual({ complete: false, sent: 2, arrived: 0, expected: 2 });
  expect(worker.told.filter((type) => type === 'drain')).toHaveLength(2);
});

test('a runner that stands still during the drain takes its own silence for none of the system', async () => {
  const { worker, workers } = await openOne();
  const drained = workers.drain(bounds);
  expect(
    await waitUntil(() => worker.told.filter((type) => type === 'drain').length === 2, { timeoutMs: 30_000 }),
  ).toBe(true);
  // Both fences arrive while the runner stands still, but for a moment: it reads of them after its timers.
  standStill(2_000);
  setTimeout(() => worker.reports({ drainArrived: 2, deliveries: 2 }), 60);
  expect(await drained).toEqual({ complete: true, sent: 2, arrived: 2, expected: 2 });
});
