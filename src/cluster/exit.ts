/** How a process ended: by itself with a code, or by a signal. Both null when it never lived. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The same as a person says it: `exit code 1`, `SIGKILL`. */
export function describeExit(exit: Exit): string {
  if (exit.signal !== null) return exit.signal;
  return exit.code === null ? 'it could not be started' : `exit code ${exit.code}`;
}
