import { waitUntil } from '../core/clock.js';
import { noCluster } from './control-client.js';
import { isAlive, type ProcessIdentity, signalProcess } from './pid.js';
import { type ProjectPlace, placeOf } from './project.js';
import { endStrays } from './project-claim.js';
import { type ClusterState, readState, removeState } from './state-file.js';

/** Longer than the drain that a supervisor allows its nodes. */
const endTimeoutMs = 15_000;

export interface TakenDown {
  /** Whether there was a supervisor to ask. */
  readonly wasRunning: boolean;
  /** Processes that had to be killed because their supervisor was gone or did not do it. */
  readonly killed: number;
}

/**
 * Ends the cluster of a project. Resolves when its supervisor and every process of it are gone; a supervisor
 * that does not go within 15 s is killed. Cleans up after one that was killed.
 * @throws AppError `no-cluster` when there is nothing to end
 */
export async function takeDown(cwd: string, project: string): Promise<TakenDown> {
  const place = placeOf(cwd, project);
  const state = readState(place);
  if (state === undefined) throw noCluster(project);
  const wasRunning = isAlive(state.supervisor);
  signalProcess(state.supervisor, 'SIGTERM');
  const hasEnded = await waitUntil(() => !isAlive(state.supervisor), { timeoutMs: endTimeoutMs });
  if (!hasEnded) {
    signalProcess(state.supervisor, 'SIGKILL');
    await waitUntil(() => !isAlive(state.supervisor), { timeoutMs: endTimeoutMs });
  }
  // It kept the list true until its end; a clean one has removed it.
  const left = stateOf(state.supervisor, place);
  if (left === undefined) return { wasRunning, killed: 0 };
  const killed = await endStrays(left);
  if (stateOf(state.supervisor, place) !== undefined) removeState(place);
  return { wasRunning, killed };
}

/** What this very supervisor left; another `up` may have taken the project as soon as it was gone. */
function stateOf({ pid, startTime }: ProcessIdentity, place: ProjectPlace): ClusterState | undefined {
  const state = readState(place);
  return state?.supervisor.pid === pid && state.supervisor.startTime === startTime ? state : undefined;
}
