import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/**
 * The one clock of a host. `performance.now()` reads the same monotonic clock as
 * `process.hrtime.bigint()` but counts from the start of the process; the offset measured once
 * makes it comparable between processes of one host, at a third of the cost of the bigint.
 * Never subtract readings of two hosts: load/clock-offset says how far apart two clocks are.
 */
const originMillis = measureOrigin();

/** A process that has to wait between two readings would be wrong by the wait for ever: the closest of several counts. */
function measureOrigin(): number {
  let [closestMillis, origin] = [Infinity, 0];
  for (let i = 0; i < 8; i++) {
    const before = performance.now();
    const hostMillis = Number(process.hrtime.bigint()) / 1e6;
    const after = performance.now();
    if (after - before >= closestMillis) continue;
    [closestMillis, origin] = [after - before, hostMillis - (before + after) / 2];
  }
  return origin;
}

/** Monotonic time in microseconds, comparable between processes of one host. */
export function nowMicros(): number {
  return (originMillis + performance.now()) * 1000;
}

/** Monotonic time in milliseconds, comparable between processes of one host. */
export function nowMs(): number {
  return originMillis + performance.now();
}

/** Wall-clock time in milliseconds since 1970; for names and stamps in reports, never for intervals. */
export function wallMs(): number {
  return Date.now();
}

/** Waits; rejects with an AbortError as soon as the signal is aborted. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}

/** Lets everything else that waits for the event loop go first, once. */
export async function nextTurn(): Promise<void> {
  await turn();
}

/**
 * Waits until `condition` holds, asking every `everyMs`.
 * @returns false when `timeoutMs` passed first.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  options: { timeoutMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<boolean> {
  const deadlineMs = nowMs() + options.timeoutMs;
  while (!(await condition())) {
    if (nowMs() >= deadlineMs) return false;
    await sleep(options.everyMs ?? 10, options.signal);
  }
  return true;
}
