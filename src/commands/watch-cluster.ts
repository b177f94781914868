import type { Cluster } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/event.js';
import { eventLine } from '../cluster/event-line.js';
import { nowMicros } from '../core/clock.js';
import { visible } from '../core/visible.js';
import { type CommandContext, printLine } from './context.js';

/**
 * Shows what happens to a running cluster until the returned function is called. THE PLACE OF THE DASHBOARD: where
 * `context.isTTY` and not `isJson`, it is mounted here in place of the lines, with `cluster.lastStatus` as its
 * source and the cluster's verbs as its keys.
 */
export function watchCluster(cluster: Cluster, context: CommandContext, isJson: boolean): () => void {
  const originMicros = nowMicros();
  return cluster.onEvent((event) => {
    if (isJson) printLine(context, JSON.stringify({ schema: 'cluster-chat/event@1', ...event }));
    else for (const line of eventText(event, originMicros)) printLine(context, line);
  });
}

function eventText(event: ClusterEvent, originMicros: number): string[] {
  const { atMs, level, text } = eventLine(event, originMicros);
  const [first = '', ...more] = text.split('\n').map(visible);
  const mark = level === 'info' ? '' : `${level}: `;
  return [`${`${(atMs / 1000).toFixed(1)}s`.padStart(8)}  ${mark}${first}`, ...more.map((line) => `          ${line}`)];
}
