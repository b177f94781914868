import { fork } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../core/clock.js';
import { packageRoot } from '../core/package-root.js';
import type { Exit } from './exit.js';
import { isAlive } from './pid.js';
import type { ProjectPlace } from './project.js';
import { readState } from './state-file.js';

/** The longest that a supervisor needs: a broker, then nodes, each given 15 s, and some more. */
const startTimeoutMs = 40_000;

/** How a start in the background went; `output` is what the supervisor wrote. */
export type Detached =
  | { readonly type: 'ready'; readonly pid: number }
  | { readonly type: 'failed'; readonly exit: Exit; readonly output: string };

/**
 * Starts a supervisor that outlives this process, and waits until its cluster is ready or it has ended.
 * @param args words for our own program, such as `up` with its options
 * @param bin our own launcher unless told otherwise
 */
export async function startDetached(
  args: readonly string[],
  place: ProjectPlace,
  options: { cwd: string; env: Readonly<Record<string, string | undefined>>; signal: AbortSignal; bin?: string },
): Promise<Detached> {
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const log = openSync(place.supervisorLog, 'w', 0o600);
  const child = fork(options.bin ?? join(packageRoot(), 'bin', 'cluster-chat.js'), [...args], {
    cwd: options.cwd,
    env: { ...options.env },
    execArgv: [],
    // A session of its own: the terminal that it was started from may be closed.
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  // Its only channel to us is the state file; an open one would keep us, or it, from ending.
  child.disconnect();
  child.unref();
  let exit: Exit | undefined;
  child.once('exit', (code, signal) => {
    exit = { code, signal };
  });
  const isReady = (): boolean => {
    const state = readState(place);
    return state?.phase === 'ready' && state.supervisor.pid === child.pid && isAlive(state.supervisor);
  };
  const isDecided = (): boolean => options.signal.aborted || exit !== undefined || isReady();
  const inTime = await waitUntil(isDecided, { timeoutMs: startTimeoutMs });
  if (child.pid !== undefined && exit === undefined && isReady()) return { type: 'ready', pid: child.pid };
  if (!inTime || options.signal.aborted) child.kill('SIGTERM');
  await waitUntil(() => exit !== undefined, { timeoutMs: startTimeoutMs });
  return {
    type: 'failed',
    exit: exit ?? { code: null, signal: null },
    output: readFileSync(place.supervisorLog, 'utf8'),
  };
}
