import { readdir, readFile } from 'node:fs/promises';
import { residentBytes } from '../core/usage.js';
import type { ProcessSample } from '../record/process-usage.js';
import type { ProcessStatus } from '../record/snapshot.js';
import { ownIdentity } from './pid.js';

/** Of this process, which leads the run. */
const ownName = 'run';

/**
 * Resident memory and open descriptors of every process that lives, and of this one. Both come from /proc; without it
 * memory is what a process last said of itself, and descriptors are unknown.
 */
export async function measureUsage(processes: readonly ProcessStatus[]): Promise<ProcessSample[]> {
  const own = { name: ownName, pid: ownIdentity().pid, rssBytes: residentBytes() };
  const living = processes.flatMap(({ name, pid, rssBytes }) => (pid === null ? [] : [{ name, pid, rssBytes }]));
  return Promise.all(
    [own, ...living].map(async ({ name, pid, rssBytes }) => ({
      name,
      pid,
      rssBytes: (await residentBytesOf(pid)) ?? rssBytes,
      descriptors: await descriptorsOf(pid),
    })),
  );
}

/** [proc(5)]: VmRSS of /proc/<pid>/status, in kB whatever the size of a page is. */
async function residentBytesOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function descriptorsOf(pid: number): Promise<number | null> {
  const names = await readdir(`/proc/${pid}/fd`).catch(() => undefined);
  return names === undefined ? null : names.length;
}
