import { availableParallelism } from 'node:os';
import { packageVersion } from '../core/package-root.js';
import type { About } from '../scenario/run-event.js';
import type { CommandContext } from './context.js';

/** What a run's manifest says about the program and the machine. */
export function aboutProgram(context: CommandContext, run: { scenario: string; command: string }): About {
  return {
    version: packageVersion(),
    node: context.runtime.node,
    platform: context.runtime.platform,
    cpus: availableParallelism(),
    startedAt: new Date(context.clock.wallMs()).toISOString(),
    ...run,
  };
}
