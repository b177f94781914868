import { setDeadline, waitUntil } from '../core/clock.js';
import { deferred } from '../core/deferred.js';
import type { Child } from './child.js';
import { isStopped } from './pid.js';

/** One address that a balancer sends its connections to. */
export interface Backend {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** What the balancer process is told; it confirms each with `{type:'done', of: <type>}`. */
export type ToBalancer =
  | { readonly type: 'backends'; readonly backends: readonly Backend[] }
  /** No new connections for this node. */
  | { readonly type: 'drain'; readonly name: string }
  | { readonly type: 'undrain'; readonly name: string };

/** Reads what a supervisor says; undefined for what is no such message. */
export function parseToBalancer(message: unknown): ToBalancer | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...message };
  const { type, name, backends } = fields;
  if ((type === 'drain' || type === 'undrain') && typeof name === 'string') return { type, name };
  if (type !== 'backends' || !Array.isArray(backends)) return undefined;
  return backends.every(isBackend) ? { type, backends } : undefined;
}

function isBackend(value: unknown): value is Backend {
  if (typeof value !== 'object' || value === null) return false;
  const { name, host, port }: Readonly<Record<string, unknown>> = { ...value };
  return typeof name === 'string' && typeof host === 'string' && typeof port === 'number';
}

/** What a balancer does at once takes so long at most, on a machine that is busy with much else. */
const confirmTimeoutMs = 15_000;
/** One that is paused will not confirm, which must not hold up a node. */
const pausedTimeoutMs = 1_000;

/** How many milliseconds to wait until a balancer confirms what it is told. */
export function confirmTimeoutOf(balancer: Child): number {
  return isHeld(balancer) ? pausedTimeoutMs : confirmTimeoutMs;
}

/** Whether it is stopped, so that it takes in nothing until it goes on. */
export function isHeld({ pid }: Child): boolean {
  return pid !== undefined && isStopped(pid);
}

/**
 * Waits until what a balancer was told can be seen to be in force.
 * @returns false when it could not be seen in time, or the balancer died
 */
export async function seeInForce(balancer: Child, isInForce: () => Promise<boolean>): Promise<boolean> {
  let isSeen = false;
  const isOver = async (): Promise<boolean> => {
    isSeen = await isInForce();
    return isSeen || balancer.hasExited;
  };
  await waitUntil(isOver, { timeoutMs: confirmTimeoutOf(balancer), everyMs: 10 });
  return isSeen;
}

/**
 * Tells a balancer something and waits until it is in force.
 * @returns false when it did not confirm in time or died
 */
export async function tellBalancer(balancer: Child, message: ToBalancer): Promise<boolean> {
  const confirmed = deferred<boolean>();
  const stopListening = balancer.onMessage((answer) => {
    if (isConfirmation(answer, message.type)) confirmed.resolve(true);
  });
  const callOff = setDeadline(confirmTimeoutOf(balancer), () => confirmed.resolve(false));
  balancer.send(message);
  try {
    return await Promise.race([confirmed.promise, balancer.exited.then(() => false)]);
  } finally {
    callOff();
    stopListening();
  }
}

function isConfirmation(answer: unknown, type: ToBalancer['type']): boolean {
  if (typeof answer !== 'object' || answer === null) return false;
  return 'type' in answer && answer.type === 'done' && 'of' in answer && answer.of === type;
}
