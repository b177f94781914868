import * as z from 'zod';
import { duration, textOrList } from './leaf.js';

/** Signals that end a process in some way; anything else is no fault. */
const signals = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT', 'SIGSEGV'] as const;

function targets(what: string) {
  const description = `${what} node-1 …, broker, balancer, all (nodes), or random (one node, chosen by the seed).`;
  return textOrList({ description, what: 'the name of a process' }).optional();
}

function links(what: string) {
  const description = `${what} of node-1 …, all, random (one node, chosen by the seed), or broker (the same as all).`;
  return textOrList({ description, what: 'the name of a node' }).optional();
}

/** One step of a run, as the file says it; that it names exactly one verb is checked apart. */
export const step = z.strictObject({
  at: duration({ description: 'When, counted from the start of the load.' }),
  kill: targets('Kill without warning:'),
  signal: z.enum(signals).optional().describe('The signal of a kill; SIGKILL by default.'),
  stop: targets('Drain, then end:'),
  start: targets('Start again:'),
  restart: targets('Stop, then start:'),
  pause: targets('Freeze, connections stay open:'),
  for: duration({
    description: 'How long a pause or cut lasts; until an unpause or mend by default.',
    minMs: 1,
  }).optional(),
  unpause: targets('Let go on:'),
  cut: links('Cut the link to the broker:'),
  mend: links('Mend the link to the broker:'),
});
