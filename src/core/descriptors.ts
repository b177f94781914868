import { readFileSync } from 'node:fs';

/**
 * How many files and sockets one process of ours may have open: the hard limit, because Node raises the
 * soft one to it by itself. undefined where the system does not say (everything but Linux).
 */
export function descriptorLimit(): number | undefined {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? undefined : Number(hard);
}
