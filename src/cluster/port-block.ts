import { AppError } from '../core/errors.js';
import { isPortFree } from './port.js';
import { findPortOwner } from './port-owner.js';

/** Wide enough that neighbours do not move each other on and on. */
const stepBetweenBlocks = 10;
const maxBlocks = 100;

/**
 * Makes sure that `count` ports from `first` on are free.
 * @param mayMove take the next free block when this one is taken
 * @returns the first port of the block
 * @throws AppError `port-taken`, with the pid of the other program where it can be seen
 */
export async function claimPortBlock(host: string, first: number, count: number, mayMove: boolean): Promise<number> {
  const step = Math.ceil(count / stepBetweenBlocks) * stepBetweenBlocks;
  for (let block = 0; block < maxBlocks; block++) {
    const start = first + block * step;
    if (start + count > 65_536) break;
    const taken = await firstTaken(host, start, count);
    if (taken === undefined) return start;
    if (!mayMove) throw portTaken(taken);
  }
  throw new AppError('port-taken', `no ${count} free ports in a row from port ${first} on`, {
    hint: 'Choose where to begin with --port.',
  });
}

async function firstTaken(host: string, start: number, count: number): Promise<number | undefined> {
  const ports = Array.from({ length: count }, (_, index) => start + index);
  const free = await Promise.all(ports.map((port) => isPortFree(host, port)));
  return ports.find((_, index) => free[index] !== true);
}

function portTaken(port: number): AppError {
  const pid = findPortOwner(port);
  const owner = pid === undefined ? 'another program' : `the process with pid ${pid}`;
  return new AppError('port-taken', `port ${port} is taken by ${owner}`, {
    hint: 'End that program, or choose another port with --port (0 for any free one).',
  });
}
