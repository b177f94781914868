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

/** Lets everything go first that has come to this process from outside and waits to be read. */
export async function nextTurn(): Promise<void> {
  // Once may be too early: called while input is handled, it comes before the loop looks for input again.
  await turn();
  await turn();
}

/** Coming so much too late a timer shows that this process itself stood still. */
const stallMs = 250;
/** A process that is always so late must judge at last. */
const maxRenewals = 3;

/**
 * Calls `act` when that time is over, unless the function that is returned is called first. Whatever came in time is
 * handled before. When this process itself stood still, who was waited for had no chance, and the time begins anew, up to
 * three times.
 */
export function setDeadline(timeoutMs: number, act: () => void): () => void {
  let timer: NodeJS.Timeout;
  let isCalledOff = false;
  const begin = (renewals: number): void => {
    const dueMs = nowMs() + timeoutMs;
    timer = setTimeout(() => {
      if (renewals < maxRenewals && nowMs() > dueMs + stallMs) begin(renewals + 1);
      else void nextTurn().then(() => (isCalledOff ? undefined : act()));
    }, timeoutMs);
  };
  begin(0);
  return () => {
    isCalledOff = true;
    clearTimeout(timer);
  };
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
    if (nowMs() >= deadlineMs) {
      // A process that stood still finds the time over before it hears what happened meanwhile.
      await nextTurn();
      return condition();
    }
    await sleep(options.everyMs ?? 10, options.signal);
  }
  return true;
}
