import * as z from 'zod';
import { unreachable } from '../core/errors.js';
import type { FaultOption } from '../faults/option.js';
import { faults } from '../faults/registry.js';
import { commandLine, duration, share, shift, size, textOrList } from './leaf.js';
import { stepTargets } from './step-targets.js';
import { joinWords } from './step-words.js';

const name = z.string().min(1).max(100);

const after = z.strictObject({
  fault: name.optional().describe('When that earlier step, by its name or its verb, was seen to have happened.'),
  recovered: name
    .optional()
    .describe('When that earlier step is over, its for too, and every client is back and subscribed for a second.'),
  plus: duration({ description: 'So much later.' }).prefault('0s'),
});

const chaos = z.strictObject({
  faults: z
    .array(z.strictObject(faultKeys()))
    .min(1)
    .max(50)
    .describe('What is chosen from: steps without name and time.'),
  budget: z.int().min(1).max(1000).describe('How many faults in all.'),
  gap: duration({ description: 'How far apart at least, from begin to begin.' }).prefault('0s'),
  atOnce: z.int().min(1).max(32).default(1).describe('How many may go on at a time.'),
});

/** One step of a run, as the file says it; that it has a time and names exactly one verb is checked apart. */
export const step = z.strictObject({
  name: name.optional().describe('By what after knows it, where its verb is not enough.'),
  at: duration({
    description: 'When, counted from the start of the load; with every the first time, with chaos the earliest.',
  }).optional(),
  every: duration({
    description: 'Again and again until the load ends; one that comes while its last one goes on is skipped.',
    minMs: 100,
  }).optional(),
  after: after.optional().describe('When something came of an earlier step: fault or recovered, and plus.'),
  chaos: chaos.optional().describe('Faults at times, and to nodes, that the seed chooses.'),
  ...faultKeys(),
  jitter: duration({
    description:
      'With every: by how much later at most, without moving those that follow. With latency: by how much more or ' +
      'less than the delay. Both chosen by the seed; 0ms by default.',
  }).optional(),
});

/** The keys of all faults: each verb, then its options where no earlier fault has them already. */
function faultKeys(): Record<string, z.ZodType> {
  const keys: Record<string, z.ZodType> = {};
  for (const { verb, description, target, options, endedBy, broughtBackBy } of faults) {
    const { words, what } = stepTargets[target];
    const own = options[verb];
    keys[verb] =
      own === undefined ? textOrList({ description: `${description}: ${words}.`, what }).optional() : optionKey(own);
    for (const [name, option] of Object.entries(options)) keys[name] ??= optionKey(option);
    if (endedBy !== undefined || broughtBackBy !== undefined)
      keys['for'] ??= duration({ description: lastingWords(), minMs: 1 }).optional();
  }
  return keys;
}

function optionKey(option: FaultOption): z.ZodType {
  switch (option.type) {
    case 'choice':
      return z.enum(option.values).optional().describe(option.description);
    case 'duration':
      return duration(option).optional();
    case 'size':
      return size(option).optional();
    case 'node':
      return z.string().min(1).max(255).optional().describe(option.description);
    case 'command':
      return commandLine(option.description).optional();
    case 'shift':
      return shift(option).optional();
    case 'share':
      return share(option.description).optional();
    default:
      return unreachable(option);
  }
}

/** `How long a pause or cut lasts; by default until an unpause or mend, or the end of the load. After a kill …` */
function lastingWords(): string {
  const lasting = faults.filter(({ endedBy }) => endedBy !== undefined);
  const verbs = joinWords(
    lasting.map(({ verb }) => verb),
    'or',
  );
  const endings = new Set(lasting.flatMap(({ endedBy = 'heal' }) => (endedBy === 'heal' ? [] : [endedBy])));
  const down = faults.filter(({ broughtBackBy }) => broughtBackBy !== undefined).map(({ verb }) => verb);
  return (
    `How long a ${verbs} lasts; by default until an ${joinWords([...endings], 'or')}, or the end of the load. ` +
    `After a ${joinWords(down, 'or')}: how long the process is down before it starts again.`
  );
}
