import { formatDuration } from '../core/quantity.js';
import type { Step } from './scenario.js';

/** A step as it is told to people: `kill node-2 (SIGKILL)`. */
export function describeStep(step: Step, name: string): string {
  switch (step.type) {
    case 'kill':
      return `kill ${name} (${step.signal})`;
    case 'pause':
    case 'cut':
      return step.forMs === undefined
        ? `${step.type} ${name}`
        : `${step.type} ${name} for ${formatDuration(step.forMs)}`;
    default:
      return `${step.type} ${name}`;
  }
}
