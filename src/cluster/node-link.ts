import { setDeadline } from '../core/clock.js';
import { deferred } from '../core/deferred.js';
import { type Moment, moments } from '../core/moment.js';
import type { Child } from './child.js';

/** What a node of ours is told over its channel; it confirms with `{type:'done', of: <type>, moment}`. */
export interface ToNode {
  /** To kill itself at the next such moment of its work; undefined calls that off. */
  readonly type: 'die-at';
  readonly moment: Moment | undefined;
}

/** Reads what a supervisor says; undefined for what is no such message. */
export function parseToNode(message: unknown): ToNode | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, moment }: Readonly<Record<string, unknown>> = { ...message };
  if (type !== 'die-at') return undefined;
  const known = moments.find((each) => each === moment);
  return moment === undefined || known !== undefined ? { type, moment: known } : undefined;
}

/** A node that runs confirms at once; one that a busy machine keeps from running must not die of a call that is over. */
const confirmTimeoutMs = 15_000;

/**
 * Tells a node at which moment to die, and waits for it.
 * @returns false when no such moment came in time; then the order has been called off, and confirmed to be
 */
export async function dieAt(node: Child, moment: Moment, timeoutMs: number): Promise<boolean> {
  node.send({ type: 'die-at', moment } satisfies ToNode);
  if (await isGoneWithin(node, timeoutMs)) return true;
  const calledOff = deferred<boolean>();
  const stopListening = node.onMessage((answer) => {
    if (isConfirmation(answer)) calledOff.resolve(false);
  });
  node.send({ type: 'die-at', moment: undefined } satisfies ToNode);
  try {
    // It may have died of the order in this very moment.
    return await Promise.race([calledOff.promise, isGoneWithin(node, confirmTimeoutMs)]);
  } finally {
    stopListening();
  }
}

async function isGoneWithin(node: Child, timeoutMs: number): Promise<boolean> {
  const late = deferred<boolean>();
  const callOff = setDeadline(timeoutMs, () => late.resolve(false));
  try {
    return await Promise.race([node.exited.then(() => true), late.promise]);
  } finally {
    callOff();
  }
}

/** Of calling off; that of the order itself, which names the moment, may have been kept until now. */
function isConfirmation(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null || !('of' in answer) || answer.of !== 'die-at') return false;
  return !('moment' in answer) || answer.moment === undefined;
}
