import { unreachable } from '../../core/errors.js';
import type { ProcessStatus } from '../../record/snapshot.js';
import type { DashboardActions } from './dashboard-source.js';

/** An action on one process: the word for it and the act. */
export interface ProcessAct {
  readonly verb: string;
  run(): Promise<void>;
}

/** What a key means for a process in its present state; undefined when the caller gave no such action. */
export function processAction(
  name: 'kill' | 'pause' | 'start-stop' | 'restart',
  process: ProcessStatus,
  actions: DashboardActions,
): ProcessAct | undefined {
  const verb = verbFor(name, process);
  const action = actions[verb];
  // Called within an async function, so that an action that throws at once is a rejection too.
  return action === undefined ? undefined : { verb, run: async () => action(process.name) };
}

function verbFor(
  name: 'kill' | 'pause' | 'start-stop' | 'restart',
  process: ProcessStatus,
): 'kill' | 'pause' | 'unpause' | 'start' | 'stop' | 'restart' {
  switch (name) {
    case 'kill':
    case 'restart':
      return name;
    case 'pause':
      return process.state === 'hung' ? 'unpause' : 'pause';
    case 'start-stop':
      return process.state === 'down' || process.state === 'failed' ? 'start' : 'stop';
    default:
      return unreachable(name);
  }
}
