import { unreachable } from '../core/errors.js';
import { formatDuration, formatSize } from '../core/quantity.js';
import { redactText } from '../core/redact-text.js';
import type { FaultOption, OptionValue } from '../faults/option.js';
import { faultOf } from '../faults/registry.js';
import type { Step } from './scenario.js';

/** What a command of the user's is done to, when no node is named. */
export const someCommand = 'command';

/** A step as it is told to people: `kill node-2 (SIGKILL)`, `cut node-1 for 5.00s`, `exec docker kill app-2`. */
export function describeStep(step: Step, name: string): string {
  const { type, options, forMs } = step;
  const details = Object.entries(faultOf(type).options).flatMap(([key, option]) => {
    const value = options[key];
    return value === undefined || key === type ? [] : optionWords(key, option, value);
  });
  const detail = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return `${type} ${whatWords(step, name)}${detail}${forMs === undefined ? '' : ` for ${formatDuration(forMs)}`}`;
}

function whatWords({ type, options }: Step, name: string): string {
  const command = options[type];
  if (!Array.isArray(command)) return name;
  return `${redactText(command.join(' '))}${name === someCommand ? '' : ` on ${name}`}`;
}

/** When a step happens: `at 10.0s`, `every 10.0s from 5.00s`, `after kill recovered + 2.00s`. */
export function describeTime(step: Step, steps: readonly Step[]): string {
  const { atMs, every, after } = step;
  if (every !== undefined) {
    const jitter = every.jitterMs === 0 ? '' : ` + up to ${formatDuration(every.jitterMs)}`;
    return `every ${formatDuration(every.intervalMs)}${jitter} from ${formatDuration(atMs)}`;
  }
  if (after === undefined) return `at ${formatDuration(atMs)}`;
  const other = steps[after.step];
  const plus = after.plusMs === 0 ? '' : ` + ${formatDuration(after.plusMs)}`;
  return `after ${other?.name ?? other?.type}${after.event === 'recovered' ? ' recovered' : ''}${plus}`;
}

function optionWords(key: string, option: FaultOption, value: OptionValue): string[] {
  switch (option.type) {
    case 'choice':
      return option.isPlain === true && value === option.default ? [] : [String(value)];
    case 'duration':
      return [`${key} ${formatDuration(Number(value))}`];
    case 'size':
      return [`${key} ${formatSize(Number(value))}`];
    case 'shift':
      return [`${key} ${Number(value) < 0 ? '-' : '+'}${formatDuration(Math.abs(Number(value)))}`];
    case 'share':
      return [`${key} ${Number((Number(value) * 100).toFixed(2))}%`];
    case 'node':
    case 'command':
      return [];
    default:
      return unreachable(option);
  }
}

/** `pause, cut and restart` */
export function joinWords(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`;
}
