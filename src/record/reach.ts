import { unknownNode } from './history.js';
import type { Reach } from './result.js';

/** Counts required and arrived pairs from each node to each node. */
export interface ReachMatrix {
  /** A required pair; without effect when a node is not known. Returns whether it was counted. */
  require(origin: number, node: number, hasArrived: boolean): boolean;
  /** A pair that was required before and arrived only now. */
  arrive(origin: number, node: number): void;
  toReach(): Reach;
  /** Another one that has counted the same so far. */
  copy(): ReachMatrix;
}

/** A matrix that has counted nothing yet. */
export function createReachMatrix(nodes: readonly string[]): ReachMatrix {
  const size = nodes.length * nodes.length;
  return matrixOf(nodes, new Uint32Array(size), new Uint32Array(size));
}

function matrixOf(nodes: readonly string[], required: Uint32Array, arrived: Uint32Array): ReachMatrix {
  const indexOf = (origin: number, node: number): number =>
    origin === unknownNode || node === unknownNode ? -1 : origin * nodes.length + node;
  const rowsOf = (counts: Uint32Array): number[][] =>
    nodes.map((_, origin) => Array.from(counts.subarray(origin * nodes.length, (origin + 1) * nodes.length)));
  return {
    require(origin, node, hasArrived) {
      const index = indexOf(origin, node);
      if (index < 0) return false;
      required[index] = (required[index] as number) + 1;
      if (hasArrived) arrived[index] = (arrived[index] as number) + 1;
      return true;
    },
    arrive(origin, node) {
      const index = indexOf(origin, node);
      if (index >= 0) arrived[index] = (arrived[index] as number) + 1;
    },
    toReach: () => ({ nodes, required: rowsOf(required), arrived: rowsOf(arrived) }),
    copy: () => matrixOf(nodes, required.slice(), arrived.slice()),
  };
}
