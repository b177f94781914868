import { rmSync } from 'node:fs';
import { waitUntil } from '../core/clock.js';
import { AppError, messageOf } from '../core/errors.js';
import type { ClusterEvent } from './event.js';
import { identify, isAlive, killTree, ownIdentity } from './pid.js';
import type { ProjectPlace } from './project.js';
import { type ClusterState, createState, findState, readState, removeState, writeState } from './state-file.js';

const endTimeoutMs = 5000;

/**
 * Removes what a supervisor left that was killed, and ends those of its children that still live.
 * @returns how many it ended; undefined when there was nothing to clean
 * @throws AppError `cluster-exists` when the cluster runs
 */
export async function cleanStale(place: ProjectPlace): Promise<number | undefined> {
  const state = findState(place);
  // What another `up` writes in this moment must stay.
  if (state === undefined) return undefined;
  if (state === 'unreadable') {
    // Or of another version; without identities there is nobody to end.
    removeState(place);
    return undefined;
  }
  if (isAlive(state.supervisor)) throw clusterExists(place.project);
  const ended = await endStrays(state);
  // Another `up` may have cleaned and begun meanwhile; what it wrote is not ours to remove.
  if (readState(place)?.supervisor.startTime === state.supervisor.startTime) removeState(place);
  return ended;
}

/** Kills the children of a supervisor that is gone. @returns how many still lived */
export async function endStrays(state: ClusterState): Promise<number> {
  const strays = state.processes.filter(isAlive);
  for (const stray of strays) killTree(stray);
  await waitUntil(() => !strays.some(isAlive), { timeoutMs: endTimeoutMs });
  return strays.length;
}

/** A project taken for one cluster, from before its first process to after its last. */
export class ProjectClaim {
  /** How many processes of a killed predecessor were ended; undefined when there was none. */
  readonly cleaned: number | undefined;
  readonly #place: ProjectPlace;
  #state: ClusterState;
  #onFailure: (error: Error) => void = () => undefined;
  #failure: Error | undefined;

  /** @throws AppError `cluster-exists` when a cluster of the project runs */
  static async take(place: ProjectPlace): Promise<ProjectClaim> {
    const cleaned = await cleanStale(place);
    const claim = new ProjectClaim(place, cleaned);
    if (!createState(place, claim.#state)) throw clusterExists(place.project);
    rmSync(place.logFolder, { recursive: true, force: true });
    return claim;
  }

  private constructor(place: ProjectPlace, cleaned: number | undefined) {
    this.#place = place;
    this.cleaned = cleaned;
    this.#state = {
      schema: 'cluster-chat/state@1',
      project: place.project,
      phase: 'starting',
      supervisor: ownIdentity(),
      processes: [],
      control: null,
    };
  }

  /** Calls `listener` once, as soon as the list of processes could not be written. */
  onFailure(listener: (error: Error) => void): void {
    this.#onFailure = listener;
    if (this.#failure !== undefined) listener(this.#failure);
  }

  /**
   * Keeps the list of processes true, so that a successor can end them. Never throws: a full disk must not end the
   * cluster. What could not be written is written with the next change.
   */
  note(event: ClusterEvent): void {
    const { processes } = this.#state;
    if (event.type === 'process-started') {
      const identity = identify(event.pid);
      if (identity !== undefined) this.#list([...processes, { ...identity, name: event.name }]);
    } else if (event.type === 'process-exited' || event.type === 'process-crashed') {
      // By its process: when a crash is told the next life may have begun.
      this.#list(processes.filter(({ pid }) => pid !== event.pid));
    }
  }

  /** Says where the verbs are taken. */
  ready(control: { readonly url: string; readonly token: string }): void {
    this.#write({ phase: 'ready', control });
  }

  /** To be called when every process is gone. */
  release(): void {
    removeState(this.#place);
  }

  #list(processes: ClusterState['processes']): void {
    try {
      this.#write({ processes });
    } catch (error) {
      if (this.#failure !== undefined) return;
      this.#failure = error instanceof Error ? error : new Error(messageOf(error));
      this.#onFailure(this.#failure);
    }
  }

  #write(change: Partial<ClusterState>): void {
    this.#state = { ...this.#state, ...change };
    writeState(this.#place, this.#state);
  }
}

function clusterExists(project: string): AppError {
  const option = project === 'default' ? '' : ` -p ${project}`;
  return new AppError('cluster-exists', `a cluster of the project "${project}" is already running`, {
    hint: `End it with "cluster-chat down${option}", or name another project with -p.`,
  });
}
