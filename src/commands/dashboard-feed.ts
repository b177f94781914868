import type { Cluster } from '../cluster/cluster.js';
import { Ring } from '../core/ring.js';
import type { EventLine } from '../record/snapshot.js';
import type { Dashboard, DashboardActions, DashboardSource, DashboardState } from '../report/tui/dashboard-source.js';
import type { CommandContext } from './context.js';
import { terminalAbilities } from './terminal.js';

/** What the dashboard can show of events; it looks at the last few hundred only. */
const maxEvents = 300;

/** Gathers what a command learns, and hands it to the dashboard as one state. */
export class DashboardFeed implements DashboardSource {
  readonly title: string;
  readonly #events = new Ring<EventLine>(maxEvents);
  readonly #listeners = new Set<(state: DashboardState) => void>();
  #state: DashboardState = { processes: [], events: [] };

  constructor(title: string) {
    this.title = title;
  }

  subscribe(listener: (state: DashboardState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  event(line: EventLine): void {
    this.#events.push(line);
    this.update({});
  }

  update(change: Partial<DashboardState>): void {
    this.#state = { ...this.#state, ...change, events: this.#events.toArray() };
    for (const listener of this.#listeners) listener(this.#state);
  }
}

/** Whether the dashboard can be shown: a real terminal that can be redrawn and that keys come from. */
export function canShowDashboard(context: CommandContext): boolean {
  return terminalAbilities(context).interactive && 'isTTY' in context.stdin && context.stdin.isTTY === true;
}

/** Puts the dashboard on the terminal of the command. To be called only where `canShowDashboard`. */
export async function showDashboard(
  feed: DashboardFeed,
  actions: DashboardActions,
  context: CommandContext,
): Promise<Dashboard> {
  // Loaded on demand: the drawing library costs more than all the rest of the program together.
  const { mountDashboard } = await import('../report/tui/dashboard.js');
  const { color, unicode } = terminalAbilities(context);
  // `canShowDashboard` has seen that both are terminals.
  const stdin = context.stdin as NodeJS.ReadStream;
  const stdout = context.stdout as NodeJS.WriteStream;
  return mountDashboard(feed, actions, { stdin, stdout, color, unicode });
}

/** The verbs of a cluster as keys. */
export function clusterActions(cluster: Cluster): Omit<DashboardActions, 'quit'> {
  return {
    kill: async (name) => void (await cluster.kill(name)),
    pause: (name) => cluster.pause(name),
    unpause: (name) => cluster.unpause(name),
    start: (name) => cluster.start(name),
    stop: (name) => cluster.stop(name),
    restart: (name) => cluster.restart(name),
  };
}
