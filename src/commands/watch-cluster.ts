import type { Cluster } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/event.js';
import { eventLine } from '../cluster/event-line.js';
import { nowMicros } from '../core/clock.js';
import { visible } from '../core/visible.js';
import { type CommandContext, printLine } from './context.js';
import { canShowDashboard, clusterActions, DashboardFeed, showDashboard } from './dashboard-feed.js';

const refreshMs = 500;

export interface Watch {
  readonly isJson: boolean;
  readonly title: string;
  /** Asked by a key; `force` at the second request. */
  readonly onQuit: (force: boolean) => void;
}

/**
 * Shows what happens to a running cluster until the returned function is called: the dashboard on a terminal,
 * a line for each event elsewhere.
 */
export async function watchCluster(cluster: Cluster, watch: Watch, context: CommandContext): Promise<() => void> {
  const originMicros = nowMicros();
  if (watch.isJson || !canShowDashboard(context)) {
    return cluster.onEvent((event) => {
      if (watch.isJson) printLine(context, JSON.stringify({ schema: 'cluster-chat/event@1', ...event }));
      else for (const line of eventText(event, originMicros)) printLine(context, line);
    });
  }
  const feed = new DashboardFeed(watch.title);
  const stopListening = cluster.onEvent((event) => feed.event(eventLine(event, originMicros)));
  const refresh = (): void => feed.update({ processes: cluster.lastStatus });
  refresh();
  const timer = setInterval(refresh, refreshMs);
  const dashboard = await showDashboard(feed, { ...clusterActions(cluster), quit: watch.onQuit }, context);
  return () => {
    clearInterval(timer);
    stopListening();
    dashboard.unmount();
  };
}

function eventText(event: ClusterEvent, originMicros: number): string[] {
  const { atMs, level, text } = eventLine(event, originMicros);
  const [first = '', ...more] = text.split('\n').map(visible);
  const mark = level === 'info' ? '' : `${level}: `;
  return [`${`${(atMs / 1000).toFixed(1)}s`.padStart(8)}  ${mark}${first}`, ...more.map((line) => `          ${line}`)];
}
