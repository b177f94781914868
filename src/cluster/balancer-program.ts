import { unreachable } from '../core/errors.js';
import type { DoorNode, FrontDoor, SupervisedDoor } from '../proxy/front-door.js';
import type { Backend, ToBalancer } from './balancer-link.js';
import type { Child } from './child.js';
import { findPort } from './port.js';
import type { ProcessSpec } from './process-spec.js';
import type { Topology } from './topology.js';

/**
 * A load balancer that is not ours: started from a configuration that we write, and told things in its own way.
 * What it is told is in its configuration too, so that its next life begins where the last one ended.
 */
export interface BalancerProgram extends AsyncDisposable {
  /** Writes its configuration for these nodes, and says how to start it. Called once. */
  prepare(nodes: readonly Backend[]): Promise<ProcessSpec>;
  /**
   * Tells it something; resolves when that is in force.
   * @param balancer undefined while it does not run: then its next life will know
   * @returns false when it could not be seen to be in force
   */
  tell(balancer: Child | undefined, message: ToBalancer): Promise<boolean>;
  /**
   * Makes it read its configuration again, as an operator does: another process takes the new connections, the one
   * before keeps those that it has. Resolves when that is so.
   * @returns false when it could not be seen
   */
  reload(balancer: Child): Promise<boolean>;
}

/** The door of a program that runs under our supervisor. */
export interface ProgramDoor extends FrontDoor {
  readonly supervised: SupervisedDoor;
}

/** The door that a topology describes, with ports found for it. */
export async function doorOf(topology: Topology, folder: string, nodes: readonly Backend[]): Promise<ProgramDoor> {
  const host = topology.host ?? '127.0.0.1';
  return {
    host,
    port: topology.port === 0 ? await findPort(host) : topology.port,
    policy: topology.policy,
    nodes: nodes.map((node) => ({ ...node, isDraining: false })),
    // A program of the user need not know our paths.
    readyPath: topology.program === undefined ? '/ready' : undefined,
    supervised: { folder, healthPort: await findPort('127.0.0.1') },
  };
}

/** How to start a program that serves this door. */
export function programSpec(argv: readonly [string, ...string[]], door: ProgramDoor): ProcessSpec {
  const url = `ws://${door.host}:${door.port}/ws`;
  return {
    name: 'balancer',
    role: 'balancer',
    command: { type: 'program', argv },
    host: door.host,
    port: door.port,
    env: {},
    readiness: { type: 'answer', port: door.supervised.healthPort, url },
  };
}

/** The nodes after a message. One that comes back is no other: whether it drains stays. */
export function nodesAfter(nodes: readonly DoorNode[], message: ToBalancer): readonly DoorNode[] {
  switch (message.type) {
    case 'backends': {
      const draining = new Set(nodes.filter(({ isDraining }) => isDraining).map(({ name }) => name));
      return message.backends.map((backend) => ({ ...backend, isDraining: draining.has(backend.name) }));
    }
    case 'drain':
    case 'undrain': {
      const isDraining = message.type === 'drain';
      return nodes.map((node) => (node.name === message.name ? { ...node, isDraining } : node));
    }
    default:
      return unreachable(message);
  }
}
