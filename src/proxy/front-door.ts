import type { BackendOptions } from './backend.js';
import type { PolicyName } from './policy.js';

/** One node as the configuration of a balancer names it. */
export interface DoorNode extends BackendOptions {
  /** Gets no new connections; those it has stay. */
  readonly isDraining: boolean;
}

/**
 * What a real load balancer is to do, whichever it is. The generators turn it into a configuration: the same
 * one is tested here and printed for production, apart from what only a supervisor needs.
 */
export interface FrontDoor {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  readonly policy: PolicyName;
  /** At least one. */
  readonly nodes: readonly DoorNode[];
  /** The path that a node answers with 200 while it takes new connections; undefined for a node that has none. */
  readonly readyPath: string | undefined;
  /** Undefined in a configuration for production. */
  readonly supervised: SupervisedDoor | undefined;
}

/** What a balancer needs under our supervisor: everything private to one run. */
export interface SupervisedDoor {
  /** Absolute path of a folder of its own for sockets, process ids and temporary files. */
  readonly folder: string;
  /** Where it answers `GET /health` for itself, on the loopback address. */
  readonly healthPort: number;
}

/** A host and port as both programs write them: an IPv6 address in brackets. */
export function addressText({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Clients at the same time; each takes two file descriptors. The same as our own balancer's. */
export const maxDoorConnections = 9_000;
