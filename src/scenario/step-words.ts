import { unreachable } from '../core/errors.js';
import { formatDuration, formatSize } from '../core/quantity.js';
import type { FaultOption, OptionValue } from '../faults/option.js';
import { faultOf } from '../faults/registry.js';
import type { Step } from './scenario.js';

/** A step as it is told to people: `kill node-2 (SIGKILL)`, `cut node-1 for 5.00s`. */
export function describeStep(step: Step, name: string): string {
  const { type, options, forMs } = step;
  const details = Object.entries(faultOf(type).options).flatMap(([key, option]) => {
    const value = options[key];
    return value === undefined ? [] : [optionWords(key, option, value)];
  });
  const detail = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return `${type} ${name}${detail}${forMs === undefined ? '' : ` for ${formatDuration(forMs)}`}`;
}

function optionWords(key: string, option: FaultOption, value: OptionValue): string {
  switch (option.type) {
    case 'choice':
      return String(value);
    case 'duration':
      return `${key} ${formatDuration(Number(value))}`;
    case 'size':
      return `${key} ${formatSize(Number(value))}`;
    case 'shift':
      return `${key} ${Number(value) < 0 ? '-' : '+'}${formatDuration(Math.abs(Number(value)))}`;
    case 'share':
      return `${key} ${Number((Number(value) * 100).toFixed(2))}%`;
    default:
      return unreachable(option);
  }
}

/** `pause, cut and restart` */
export function joinWords(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}
