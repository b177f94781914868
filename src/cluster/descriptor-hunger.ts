import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { waitUntil } from '../core/clock.js';
import { AppError, systemCodeOf } from '../core/errors.js';
import { findProgram } from './find-program.js';
import { askHealth } from './health.js';
import type { Member } from './member.js';

/** How long it may take until it is seen that no connection is served any more, or that they are again. */
const observeTimeoutMs = 5_000;
const answerTimeoutMs = 500;

const run = promisify(execFile);

/** Takes from processes every file descriptor that they do not use, and gives them back. Linux only. */
export class DescriptorHunger {
  readonly #env: Readonly<Record<string, string | undefined>>;
  /** What each hungry process had before. */
  readonly #before = new Map<string, { readonly pid: number; readonly soft: number }>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** See `Trouble.exhaust`. */
  async begin(member: Member): Promise<void> {
    const pid = pidOf(member);
    const prlimit = findPrlimit(this.#env);
    const soft = this.#before.get(member.name)?.soft ?? softLimitOf(pid);
    this.#before.set(member.name, { pid, soft });
    // What is closed in this moment, such as the answer to a question of ours, leaves a descriptor to take as well.
    const isExhausted = async (): Promise<boolean> => {
      await setSoftLimit(prlimit, pid, lowestFreeOf(pid));
      return !(await isAnswering(member));
    };
    if (await waitUntil(isExhausted, { timeoutMs: observeTimeoutMs })) return;
    await this.end(member);
    throw new AppError('control-failed', `${member.name} still answers without a free file descriptor`);
  }

  /** See `Trouble.replenish`. */
  async end(member: Member): Promise<void> {
    const before = this.#before.get(member.name);
    this.#before.delete(member.name);
    // Another life has limits of its own.
    if (before === undefined || member.child?.pid !== before.pid) return;
    await setSoftLimit(findPrlimit(this.#env), before.pid, before.soft);
    const isFed = async (): Promise<boolean> => member.child?.pid !== before.pid || (await isAnswering(member));
    if (await waitUntil(isFed, { timeoutMs: observeTimeoutMs })) return;
    throw new AppError('control-failed', `${member.name} has its file descriptors again and does not answer`);
  }
}

/**
 * The program that changes the limits of a running process.
 * @throws AppError `program-missing`, also where the system has none
 */
export function findPrlimit(env: Readonly<Record<string, string | undefined>>): string {
  return findProgram(
    'prlimit',
    env,
    'Install util-linux, which is there on Linux only, or leave the exhaust steps out.',
  );
}

function pidOf(member: Member): number {
  const pid = member.ready === undefined ? undefined : member.child?.pid;
  if (pid === undefined) throw member.notRunning();
  return pid;
}

async function isAnswering({ spec, ready }: Member): Promise<boolean> {
  if (ready?.healthPort == null) return false;
  return (await askHealth(spec.host, ready.healthPort, answerTimeoutMs)) !== undefined;
}

function softLimitOf(pid: number): number {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  if (soft === undefined) throw new AppError('control-failed', `process ${pid} has no limit of open files to lower`);
  return Number(soft);
}

/** The limit is one of numbers, not of how many: the next descriptor would be the lowest that is free. */
function lowestFreeOf(pid: number): number {
  const used = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let lowest = 0;
  while (used.has(lowest)) lowest++;
  return lowest;
}

async function setSoftLimit(prlimit: string, pid: number, soft: number): Promise<void> {
  try {
    await run(prlimit, ['--pid', String(pid), `--nofile=${soft}:`]);
  } catch (error) {
    throw new AppError('control-failed', `prlimit could not change the limits of process ${pid}`, {
      hint: `It ended with ${systemCodeOf(error) ?? 'an error'}; the process must be one of the same user.`,
      cause: error,
    });
  }
}
