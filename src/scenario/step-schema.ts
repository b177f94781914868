import * as z from 'zod';
import { unreachable } from '../core/errors.js';
import type { FaultOption } from '../faults/option.js';
import { faults } from '../faults/registry.js';
import { duration, share, shift, size, textOrList } from './leaf.js';
import { stepTargets } from './step-targets.js';
import { joinWords } from './step-words.js';

/** One step of a run, as the file says it; that it names exactly one verb is checked apart. */
export const step = z.strictObject({
  at: duration({ description: 'When, counted from the start of the load.' }),
  ...faultKeys(),
});

/** The keys of all faults: each verb, then its options where no earlier fault has them already. */
function faultKeys(): Record<string, z.ZodType> {
  const keys: Record<string, z.ZodType> = {};
  for (const { verb, description, target, options, endedBy } of faults) {
    const { words, what } = stepTargets[target];
    keys[verb] = textOrList({ description: `${description}: ${words}.`, what }).optional();
    for (const [name, option] of Object.entries(options)) keys[name] ??= optionKey(option);
    if (endedBy !== undefined) keys['for'] ??= duration({ description: lastingWords(), minMs: 1 }).optional();
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
    case 'shift':
      return shift(option).optional();
    case 'share':
      return share(option.description).optional();
    default:
      return unreachable(option);
  }
}

/** `How long a pause or cut lasts; by default until an unpause or mend, or the end of the load.` */
function lastingWords(): string {
  const lasting = faults.filter(({ endedBy }) => endedBy !== undefined);
  const verbs = joinWords(
    lasting.map(({ verb }) => verb),
    'or',
  );
  const endings = new Set(lasting.flatMap(({ endedBy = 'heal' }) => (endedBy === 'heal' ? [] : [endedBy])));
  return `How long a ${verbs} lasts; by default until an ${joinWords([...endings], 'or')}, or the end of the load.`;
}
