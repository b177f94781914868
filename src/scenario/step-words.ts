import { formatDuration } from '../core/quantity.js';
import type { Step } from './scenario.js';

/** A step as it is told to people: `kill node-2 (SIGKILL)`. */
export function describeStep(step: Step, name: string): string {
  switch (step.type) {
    case 'kill':
      return `kill ${name} (${step.signal})`;
    case 'pause':
      return step.forMs === undefined ? `pause ${name}` : `pause ${name} for ${formatDuration(step.forMs)}`;
    default:
      return `${step.type} ${name}`;
  }
}
