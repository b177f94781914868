import type { Cluster } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/event.js';
import { eventLine } from '../cluster/event-line.js';
import { nowMicros } from '../core/clock.js';
import { visible } from '../core/visible.js';
import type { EventLine } from '../record/snapshot.js';
import { type CommandContext, printLine } from './context.js';
import { canShowDashboard, clusterActions, DashboardFeed, showDashboard } from './dashboard-feed.js';
import { warn } from './warn.js';

const refreshMs = 500;

export interface WatchOptions {
  readonly isJson: boolean;
  readonly title: string;
  /** Asked by a key; `force` at the second request. */
  readonly onQuit: (force: boolean) => void;
}

/** A cluster being watched. */
export interface Watch {
  /** One line of the command itself, among those of the cluster. */
  say(text: string): void;
  /** What went wrong with the command itself; outside the dashboard on stderr. */
  warn(text: string): void;
  /** Ends the watch and leaves the terminal as it was. */
  close(): void;
}

/** Shows what happens to a running cluster: the dashboard on a terminal, a line for each event elsewhere. */
export async function watchCluster(cluster: Cluster, options: WatchOptions, context: CommandContext): Promise<Watch> {
  const originMicros = nowMicros();
  if (options.isJson || !canShowDashboard(context)) {
    const close = cluster.onEvent((event) => {
      if (options.isJson) printLine(context, JSON.stringify({ schema: 'cluster-chat/event@1', ...event }));
      else for (const line of eventText(event, originMicros)) printLine(context, line);
    });
    const say = (text: string): void => (options.isJson ? undefined : printLine(context, text));
    return { say, warn: (message) => warn(context, { message, hint: undefined }), close };
  }
  const feed = new DashboardFeed(options.title);
  const add = (level: EventLine['level'], text: string): void =>
    feed.event({ atMs: (nowMicros() - originMicros) / 1000, level, text });
  const say = (text: string): void => add('info', text);
  const stopListening = cluster.onEvent((event) => feed.event(eventLine(event, originMicros)));
  const refresh = (): void => feed.update({ processes: cluster.lastStatus });
  refresh();
  // The banner was scrolled away by the dashboard.
  for (const { name, url } of cluster.lastStatus) if (url !== null) say(`${name} on ${url}`);
  const timer = setInterval(refresh, refreshMs);
  const dashboard = await showDashboard(feed, { ...clusterActions(cluster), quit: options.onQuit }, context);
  const close = (): void => {
    clearInterval(timer);
    stopListening();
    dashboard.unmount();
  };
  return { say, warn: (text) => add('warning', text), close };
}

function eventText(event: ClusterEvent, originMicros: number): string[] {
  const { atMs, level, text } = eventLine(event, originMicros);
  const [first = '', ...more] = text.split('\n').map(visible);
  const mark = level === 'info' ? '' : `${level}: `;
  return [`${`${(atMs / 1000).toFixed(1)}s`.padStart(8)}  ${mark}${first}`, ...more.map((line) => `          ${line}`)];
}
