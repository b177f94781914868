import { sleep } from '../core/clock.js';

/** Waits, but no longer than until the signal is aborted; never rejects. Zero and less do not wait at all. */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  try {
    await sleep(ms, signal);
  } catch {
    // Interrupted, which is what the signal is for.
  }
}
