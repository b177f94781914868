import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { waitUntil } from '../core/clock.js';
import { AppError, systemCodeOf } from '../core/errors.js';
import type { Child } from './child.js';
import { findProgram } from './find-program.js';
import { askHealth } from './health.js';
import type { Member } from './member.js';
import { groupMembers, identify, isAlive, type ProcessIdentity } from './pid.js';

/** How long it may take until it is seen that no connection is served any more, or that they are again. */
const observeTimeoutMs = 10_000;
const answerTimeoutMs = 500;

const run = promisify(execFile);

/** A life that is hungry, with the limits that its processes had before. */
interface Hunger {
  readonly leader: ProcessIdentity;
  /** That of the leader, which each process has that was forked since. */
  readonly usual: number;
  /** By pid and start. */
  readonly others: ReadonlyMap<string, number>;
}

/**
 * Takes from processes every file descriptor that they do not use, and gives them back. A program with workers goes
 * hungry as a whole, as under the limit of its service: what it forks meanwhile has nothing either. Linux only.
 */
export class DescriptorHunger {
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #hungers = new Map<string, Hunger>();

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#env = env;
  }

  /** See `Trouble.exhaust`. */
  async begin(member: Member): Promise<void> {
    const child = observableChildOf(member);
    const prlimit = findPrlimit(this.#env);
    const hunger = this.#hungerOf(member) ?? (await this.#newHunger(member, child));
    // What is closed in this moment, such as the answer to a question of ours, leaves a descriptor to take as well.
    const isExhausted = async (): Promise<boolean> => {
      for (const each of processesOf(child)) await setSoftLimit(prlimit, each, lowestFreeOf(each));
      return !(await isAnswering(member)) && processesOf(child).every(hasNoneLeft);
    };
    this.#hungers.set(member.name, hunger);
    if (await waitUntil(isExhausted, { timeoutMs: observeTimeoutMs })) return;
    await this.end(member);
    throw new AppError('control-failed', `${member.name} was not seen to be without a free file descriptor`);
  }

  /** See `Trouble.replenish`. */
  async end(member: Member): Promise<void> {
    const hunger = this.#hungerOf(member);
    this.#hungers.delete(member.name);
    // Another life has limits of its own.
    if (hunger === undefined || member.child === undefined) return;
    const prlimit = findPrlimit(this.#env);
    const { leader, usual, others } = hunger;
    await setSoftLimit(prlimit, leader, usual);
    // Listed only now: what is forked from here on is not hungry.
    for (const each of processesOf(member.child)) {
      if (each.pid !== leader.pid) await setSoftLimit(prlimit, each, others.get(keyOf(each)) ?? usual);
    }
    await expectAnswer(member, 'has its file descriptors again and does not answer');
  }

  /** That of the present life. */
  #hungerOf({ name, child }: Member): Hunger | undefined {
    const hunger = this.#hungers.get(name);
    return hunger !== undefined && child?.pid === hunger.leader.pid && isAlive(hunger.leader) ? hunger : undefined;
  }

  /** Silence says something only of a process that was heard before. */
  async #newHunger(member: Member, child: Child): Promise<Hunger> {
    await expectAnswer(member, 'does not answer as it is, so that no effect can be seen');
    const [leader, ...rest] = processesOf(child);
    const usual = leader === undefined ? undefined : softLimitOf(leader);
    if (leader === undefined || usual === undefined) throw member.notRunning();
    const others = rest.map((each) => [keyOf(each), softLimitOf(each) ?? usual] as const);
    return { leader, usual, others: new Map(others) };
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

/** Of a process whose silence would say something. */
function observableChildOf(member: Member): Child {
  const { child, ready, isPaused } = member;
  if (child?.pid === undefined || ready === undefined || isPaused) throw member.notRunning();
  if (ready.healthPort !== null) return child;
  throw new AppError('control-failed', `${member.name} answers HTTP nowhere, so that no effect can be seen`);
}

/** The process of a child, and behind it all others of the group that it leads. */
function processesOf({ pid = 0, isGroup }: Child): readonly ProcessIdentity[] {
  const leader = identify(pid);
  const others = isGroup ? groupMembers(pid).filter((each) => each.pid !== pid) : [];
  return leader === undefined ? others : [leader, ...others];
}

async function expectAnswer(member: Member, otherwise: string): Promise<void> {
  const hasAnswered = async (): Promise<boolean> =>
    member.ready === undefined || member.isPaused || (await isAnswering(member));
  if (await waitUntil(hasAnswered, { timeoutMs: observeTimeoutMs })) return;
  throw new AppError('control-failed', `${member.name} ${otherwise}`);
}

async function isAnswering({ spec, ready }: Member): Promise<boolean> {
  if (ready?.healthPort == null) return false;
  return (await askHealth(spec.host, ready.healthPort, answerTimeoutMs)) !== undefined;
}

/** The limit is one of numbers, not of how many. */
function hasNoneLeft(each: ProcessIdentity): boolean {
  const [soft, lowest] = [softLimitOf(each), lowestFreeOf(each)];
  return soft === undefined || lowest === undefined || lowest >= soft;
}

function keyOf({ pid, startTime }: ProcessIdentity): string {
  return `${pid} ${startTime}`;
}

/** Undefined for a process that is gone. */
function softLimitOf({ pid }: ProcessIdentity): number | undefined {
  const limits = orGone(() => readFileSync(`/proc/${pid}/limits`, 'utf8'));
  const soft = /^Max open files\s+(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** The number that its next descriptor would have; undefined for a process that is gone. */
function lowestFreeOf({ pid }: ProcessIdentity): number | undefined {
  const names = orGone(() => readdirSync(`/proc/${pid}/fd`));
  if (names === undefined) return undefined;
  const used = new Set(names.map(Number));
  let lowest = 0;
  while (used.has(lowest)) lowest++;
  return lowest;
}

function orGone<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(systemCodeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Does nothing for a process that is gone. */
async function setSoftLimit(prlimit: string, each: ProcessIdentity, soft: number | undefined): Promise<void> {
  if (soft === undefined) return;
  try {
    await run(prlimit, ['--pid', String(each.pid), `--nofile=${soft}:`]);
  } catch (error) {
    if (!isAlive(each)) return;
    throw new AppError('control-failed', `prlimit could not change the limits of process ${each.pid}`, {
      hint: `It ended with ${systemCodeOf(error) ?? 'an error'}; the process must be one of the same user.`,
      cause: error,
    });
  }
}
