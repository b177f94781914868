import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
// Signals to processes that an earlier supervisor started have no other door than this.
import process from 'node:process';
import { systemCodeOf } from '../core/errors.js';

/** A process for certain: a number alone may meanwhile belong to another. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of the system; only ever compared. */
  readonly startTime: string;
}

interface Look {
  readonly state: string;
  readonly startTime: string;
  readonly group: number;
}

const hasProc = existsSync('/proc/self/stat');

/** State letter and start time of a process; undefined when there is none of that pid. */
function lookUp(pid: number): Look | undefined {
  if (!hasProc) return lookUpByPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything, also `) R 1`.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // [proc(5)]: state is field 3, pgrp field 5, starttime field 22.
    return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
  } catch {
    // Gone, or never there.
    return undefined;
  }
}

/** For systems without /proc. */
function lookUpByPs(pid: number): Look | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,pgid=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 2000,
    });
    const [, state = '', group = '', startTime = ''] = /^\s*(\S)\S*\s+(\d+)\s+(.+?)\s*$/.exec(line) ?? [];
    return state === '' ? undefined : { state, group: Number(group), startTime };
  } catch {
    // `ps` ends with 1 when there is no such process.
    return undefined;
  }
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, startTime: '' };
}

/** The process that has this pid now. */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = lookUp(pid);
  return found === undefined ? undefined : { pid, startTime: found.startTime };
}

/** Every process of a group, its leader too; none where the system has no /proc. */
export function groupMembers(groupId: number): readonly ProcessIdentity[] {
  if (!hasProc) return [];
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    const found = Number.isInteger(pid) ? lookUp(pid) : undefined;
    return found?.group === groupId ? [{ pid, startTime: found.startTime }] : [];
  });
}

/** Whether this very process still runs. A zombie does not: it holds nothing but its number. */
export function isAlive(identity: ProcessIdentity): boolean {
  const found = lookUp(identity.pid);
  return found !== undefined && found.startTime === identity.startTime && found.state !== 'Z' && found.state !== 'X';
}

/** Whether a process is stopped, by SIGSTOP or a debugger. */
export function isStopped(pid: number): boolean {
  return lookUp(pid)?.state.toUpperCase() === 'T';
}

/** Sends a signal to every process of a group; one that is gone already is no error. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  send(-groupId, signal);
}

/** Sends a signal to a process, unless its pid belongs to another by now. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isAlive(identity)) send(identity.pid, signal);
}

/** Kills a process and, where it leads a group, all of that; spares one that has the pid by now. */
export function killTree(identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  send(lookUp(identity.pid)?.group === identity.pid ? -identity.pid : identity.pid, 'SIGKILL');
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // Gone between the look and the signal: what was wanted.
    if (systemCodeOf(error) !== 'ESRCH') throw error;
  }
}
