import type { ClusterEvent } from './event.js';

/** Around a cluster: where its processes run, what is kept of them, and who is told. */
export interface ClusterOptions {
  /** The environment of the children; secrets are added to it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `default` when undefined. */
  readonly project?: string;
  /** Where the children work; that of this process when undefined. */
  readonly cwd?: string;
  /** One log per process is kept here; none when undefined. */
  readonly logFolder?: string;
  /** How long a process may take to become ready; 15 s when undefined. */
  readonly readyTimeoutMs?: number;
  /** The program that runs the pieces; our own launcher when undefined. */
  readonly bin?: string;
  /** Where a block of ports that was asked for is taken: move to the next free one instead of failing. */
  readonly mayMovePorts?: boolean;
  /** Ends the start: everything is taken down and `openCluster` rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Like `Cluster.onEvent`, but from the first process on. */
  readonly onEvent?: (event: ClusterEvent) => void;
}
