import { readdirSync, readFileSync } from 'node:fs';

/** The unit of times in /proc; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** The fields of /proc/<pid>/stat behind the name, which may itself contain blanks and brackets. */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // user, system, and the same of children that have ended
    return {
      pid,
      parent: Number(fields[1]),
      ticks: fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0),
    };
  } catch {
    // It ended between listing and reading.
    return undefined;
  }
}

/** CPU time in seconds, user and system, that processes have used so far with all that they started. */
export function treeCpuSeconds(pids) {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => statOf(Number(name)) ?? []);
  const counted = new Set();
  const waiting = all.filter(({ pid }) => pids.includes(pid));
  let ticks = 0;
  for (let process = waiting.pop(); process !== undefined; process = waiting.pop()) {
    if (counted.has(process.pid)) continue;
    counted.add(process.pid);
    ticks += process.ticks;
    waiting.push(...all.filter(({ parent }) => parent === process.pid));
  }
  return ticks / ticksPerSecond;
}
