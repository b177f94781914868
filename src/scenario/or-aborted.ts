import { deferred } from '../core/deferred.js';

/**
 * The outcome of `work`, unless `abort` comes first: then it rejects with the reason at once. What was broken off
 * may have time limits of its own (receipts, drains, goodbyes), for which nobody should have to wait.
 */
export async function orAborted<Value>(work: Promise<Value>, abort: AbortSignal): Promise<Value> {
  const { promise, reject } = deferred<never>();
  const onAbort = (): void => reject(abort.reason);
  abort.addEventListener('abort', onAbort, { once: true });
  if (abort.aborted) onAbort();
  // Whichever is the later of the two has nobody left to tell.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    abort.removeEventListener('abort', onAbort);
  }
}
