import type { AppError } from '../core/errors.js';
import { visible } from '../core/visible.js';
import { requestOf } from '../faults/registry.js';
import type { EventLine, ProcessStatus, RunSnapshot } from '../record/snapshot.js';
import { formatEvent, formatProgress } from '../report/plain.js';
import type { DashboardActions } from '../report/tui/dashboard-source.js';
import type { Inject } from '../scenario/fault-record.js';
import { type CommandContext, printLine } from './context.js';
import { canShowDashboard, DashboardFeed, showDashboard } from './dashboard-feed.js';
import type { RunOptions } from './scenario-entries.js';
import { warn } from './warn.js';

/** Where a run is watched while it goes on. */
export interface RunScreen {
  event(line: EventLine): void;
  /** Absent where nobody looks. */
  readonly snapshot: ((snapshot: RunSnapshot, processes: readonly ProcessStatus[]) => void) | undefined;
  /** Says at once, on stderr, what went wrong without ending the run; with the dashboard in its log, and again after it. */
  warn(error: AppError): void;
  /** The run can be broken by hand from now on. */
  breakable(inject: Inject): void;
  /** Leaves the terminal as it was; may be called again. */
  close(): void;
}

/** Between two lines of progress. */
const progressEveryMs = 5000;

/**
 * The dashboard on a terminal; plain lines elsewhere; with `--json` the lines go to stderr, because stdout belongs
 * to the document; with `--quiet` nothing.
 */
export async function openRunScreen(
  options: Pick<RunOptions, 'json' | 'quiet' | 'reporter'>,
  title: string,
  quit: (force: boolean) => void,
  context: CommandContext,
): Promise<RunScreen> {
  if (options.quiet) return silentScreen(context);
  if (options.json) return lineScreen((line) => void context.stderr.write(`${line}\n`), context);
  if (options.reporter.includes('plain') || !canShowDashboard(context)) {
    return lineScreen((line) => printLine(context, line), context);
  }
  return dashboardScreen(title, quit, context);
}

/** Shows nothing but warnings. */
export function silentScreen(context: CommandContext): RunScreen {
  return {
    event: () => undefined,
    snapshot: undefined,
    warn: (error) => warn(context, error),
    breakable: () => undefined,
    close: () => undefined,
  };
}

function lineScreen(print: (line: string) => void, context: CommandContext): RunScreen {
  let nextMs = progressEveryMs;
  return {
    event(line) {
      const [first = '', ...more] = line.text.split('\n');
      print(formatEvent({ ...line, text: first }));
      // The last words of a process that crashed.
      for (const text of more) print(`          ${visible(text)}`);
    },
    snapshot(snapshot) {
      if (snapshot.phase !== 'load' || snapshot.elapsedMs < nextMs) return;
      nextMs += progressEveryMs;
      print(formatProgress(snapshot));
    },
    warn: (error) => warn(context, error),
    breakable: () => undefined,
    close: () => undefined,
  };
}

async function dashboardScreen(
  title: string,
  quit: (force: boolean) => void,
  context: CommandContext,
): Promise<RunScreen> {
  const feed = new DashboardFeed(title);
  let injectNow: Inject | undefined;
  const act =
    (verb: string) =>
    async (name: string): Promise<void> =>
      injectNow?.(name, requestOf(verb));
  const actions: DashboardActions = {
    kill: act('kill'),
    pause: act('pause'),
    unpause: act('unpause'),
    start: act('start'),
    stop: act('stop'),
    restart: act('restart'),
    quit,
  };
  const dashboard = await showDashboard(feed, actions, context);
  const warnings: AppError[] = [];
  let lastMs = 0;
  return {
    event: (line) => {
      lastMs = line.atMs;
      feed.event(line);
    },
    snapshot: (run, processes) => feed.update({ run, processes }),
    warn: (error) => {
      // A line in the middle of the picture would destroy it.
      warnings.push(error);
      feed.event({ atMs: lastMs, level: 'error', text: error.message });
    },
    breakable: (inject) => {
      injectNow = inject;
    },
    close: () => {
      dashboard.unmount();
      for (const error of warnings.splice(0)) warn(context, error);
    },
  };
}
