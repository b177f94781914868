import type { ProcessStatus } from '../record/snapshot.js';

export type ProcessRole = ProcessStatus['role'];

/**
 * A process as the supervisor knows it: a command line, a ready line or an answer, an HTTP address. Nothing else,
 * so that a user's own server can stand where ours stands.
 */
export interface ProcessSpec {
  /** Unique in the cluster; becomes part of a file name. */
  readonly name: string;
  readonly role: ProcessRole;
  /**
   * `own`: words for cluster-chat itself, with an IPC channel. `program`: any other argv, without one; what it starts
   * in turn ends with it. In both, `{name}`, `{host}` and `{port}` are replaced.
   */
  readonly command:
    | { readonly type: 'own'; readonly args: readonly string[] }
    | { readonly type: 'program'; readonly argv: readonly [string, ...string[]] };
  /** Address that `{host}` stands for. */
  readonly host: string;
  /**
   * The port that `{port}` stands for; 0 for any free one, which it then keeps through all restarts;
   * null for a process that listens nowhere.
   */
  readonly port: number | null;
  /** Added to the environment; the place for secrets, which a command line would show to everybody. */
  readonly env: Readonly<Record<string, string>>;
  /** How it is seen that it is ready; by its ready line when undefined. */
  readonly readiness?: Readiness;
}

/**
 * A program that knows nothing of ready lines is ready when it answers `GET /health` on a port of the loopback
 * address that is its own; that is also where it is asked later how it is.
 */
export interface Readiness {
  readonly type: 'answer';
  readonly port: number;
  /** What its ready line would say. */
  readonly url: string;
}

/** Replaces `{name}`, `{host}` and `{port}` in every word. */
export function fillIn(words: readonly string[], spec: ProcessSpec, port: number | null): string[] {
  const values: Readonly<Record<string, string>> = { name: spec.name, host: spec.host, port: String(port ?? '') };
  return words.map((word) => word.replace(/\{(name|host|port)\}/g, (_, key: string) => values[key] ?? ''));
}
