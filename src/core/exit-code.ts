/** Exit codes of the command; a contract with scripts and CI. */
export const exitCode = {
  /** Pass, or a clean stop. */
  ok: 0,
  /** A threshold or the contract failed. */
  failed: 1,
  /** Usage error or invalid scenario; nothing was started. */
  usage: 2,
  /** The run cannot be judged: saturated, not drained, or the fault did not happen. */
  inconclusive: 3,
  /** The environment is at fault: port taken, broker unreachable, too few file descriptors. */
  environment: 4,
  /** A defect of cluster-chat itself. */
  internal: 5,
  /** Ended by SIGINT. */
  interrupted: 130,
  /** Ended by SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
