import { type ExitCode, exitCode } from './exit-code.js';

/**
 * Every operational failure that a user can meet, by code, with its exit code and what it means.
 * The reference page of errors is printed from this table.
 */
export const errorTable = {
  usage: { exitCode: exitCode.usage, meaning: 'The command line is wrong.' },
  'scenario-invalid': { exitCode: exitCode.usage, meaning: 'The scenario file is wrong; nothing was started.' },
  'not-found': { exitCode: exitCode.usage, meaning: 'A file, project or node of that name does not exist.' },
  'port-taken': { exitCode: exitCode.environment, meaning: 'Another program listens on the port.' },
  'broker-unreachable': { exitCode: exitCode.environment, meaning: 'The broker cannot be reached or refused us.' },
  'sessions-unreachable': {
    exitCode: exitCode.environment,
    meaning: 'The store of HTTP sessions cannot be reached or refused us.',
  },
  'target-unreachable': { exitCode: exitCode.environment, meaning: 'No node of the target answers.' },
  descriptors: { exitCode: exitCode.environment, meaning: 'The file-descriptor limit is too low for the run.' },
  'ports-exhausted': { exitCode: exitCode.environment, meaning: 'No local port is left for another connection.' },
  'not-ready': { exitCode: exitCode.environment, meaning: 'A process did not become ready in time.' },
  'process-failed': { exitCode: exitCode.environment, meaning: 'A process ended by itself while starting.' },
  'program-missing': { exitCode: exitCode.environment, meaning: 'A program that was asked for is not installed.' },
  'no-cluster': { exitCode: exitCode.environment, meaning: 'No cluster of that project is running.' },
  'cluster-exists': { exitCode: exitCode.environment, meaning: 'A cluster of that project is already running.' },
  'control-failed': { exitCode: exitCode.environment, meaning: 'The supervisor did not carry out the request.' },
  'results-unwritable': { exitCode: exitCode.environment, meaning: 'The results cannot be written.' },
  'results-unreadable': {
    exitCode: exitCode.environment,
    meaning: 'What a run left behind cannot be read: it is damaged, of another version, or ends before the load.',
  },
  timeout: { exitCode: exitCode.inconclusive, meaning: 'The run took longer than its time limit.' },
  accounting: { exitCode: exitCode.internal, meaning: 'The ledger does not balance; there is no verdict.' },
  internal: { exitCode: exitCode.internal, meaning: 'A defect of cluster-chat.' },
} as const satisfies Record<string, { exitCode: ExitCode; meaning: string }>;

export type ErrorCode = keyof typeof errorTable;

/**
 * An operational failure with its cure. Protocol faults of a peer are not of this kind (they become
 * ERROR frames), nor are mistakes of the programmer (they are assertions and crash).
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** What the user can do about it, as one sentence or command. */
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = errorTable[code].exitCode;
  }
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of a system error such as ECONNREFUSED, if it has one. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Marks a place that types say cannot be reached; crashes when it is. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
