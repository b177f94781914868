import { get } from 'node:http';
import { setDeadline, sleep } from '../core/clock.js';
import { messageOf, systemCodeOf } from '../core/errors.js';
import type { BackendAddress } from './backend.js';
import { faultOf } from './connect.js';

/**
 * What one check found. `refused` means that nobody listens there: there is no need to ask twice. `own` says nothing of
 * the backend: this side lacks something to ask with.
 */
export type CheckResult =
  | { readonly type: 'up' }
  | { readonly type: 'failed' | 'refused' | 'own'; readonly reason: string };

export interface HealthOptions {
  /** The path asked for, such as `/ready`. */
  readonly path: string;
  /** The pause between the answer to one check and the next check. */
  readonly everyMs: number;
  /** A check without an answer after so long has failed. */
  readonly timeoutMs: number;
  readonly onResult: (result: CheckResult) => void;
}

/**
 * Checks one backend at once and then again and again until the signal is aborted; resolves then,
 * never rejects. No result is reported after the abort.
 */
export async function watchHealth(address: BackendAddress, options: HealthOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const result = await checkOnce(address, options, signal);
    if (signal.aborted) return;
    options.onResult(result);
    try {
      await sleep(options.everyMs, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }
}

/**
 * One `GET`. 2xx and 3xx are up, like HAProxy's `option httpchk`. Every check opens a connection
 * of its own: a kept one would go on working when new connections are refused, which is what clients meet.
 */
function checkOnce(address: BackendAddress, options: HealthOptions, signal: AbortSignal): Promise<CheckResult> {
  return new Promise((resolve) => {
    const { host, port } = address;
    const request = get({ host, port, path: options.path, agent: false }, (response) => {
      const statusCode = response.statusCode ?? 0;
      const isUp = statusCode >= 200 && statusCode < 400;
      resolve(isUp ? { type: 'up' } : { type: 'failed', reason: `${options.path} answered ${statusCode}` });
      // The status line says everything; a body without end must not keep the socket.
      request.destroy();
    });
    const callOff = setDeadline(options.timeoutMs, () => {
      request.destroy(new Error(`no answer within ${options.timeoutMs} ms`));
    });
    const onAbort = (): void => void request.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    request.on('error', (error) => {
      const code = systemCodeOf(error);
      resolve({ type: faultOf(code), reason: code ?? messageOf(error) });
    });
    request.on('close', () => {
      callOff();
      signal.removeEventListener('abort', onAbort);
      resolve({ type: 'failed', reason: 'closed without an answer' });
    });
  });
}
