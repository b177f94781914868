import { unreachable } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import type { EventLine } from '../record/snapshot.js';
import type { ClusterEvent } from './event.js';
import { describeExit } from './exit.js';
import type { LinkSide } from './link-side.js';

/** An event as one line for people; a crash with its last words below it. */
export function eventLine(event: ClusterEvent, originMicros: number): EventLine {
  return { atMs: (event.atMicros - originMicros) / 1000, ...eventWords(event) };
}

/** The same without its time. */
export function eventWords(event: ClusterEvent): Pick<EventLine, 'level' | 'text'> {
  return { level: levelOf(event), text: textOf(event) };
}

function levelOf(event: ClusterEvent): EventLine['level'] {
  if (event.type === 'process-crashed') return 'error';
  const isOdd = event.type === 'process-hung' || event.type === 'leash-lost' || event.type === 'log-lost';
  return isOdd ? 'warning' : 'info';
}

function textOf(event: ClusterEvent): string {
  const { name } = event;
  switch (event.type) {
    case 'process-started':
      return `${name} started (pid ${event.pid})`;
    case 'process-ready':
      return `${name} ready in ${formatDuration(event.tookMs)}${event.url === null ? '' : ` on ${event.url}`}`;
    case 'process-draining':
      return `${name} draining`;
    case 'process-exited':
      return `${name} ended (${describeExit(event)})`;
    case 'process-crashed':
      return [`${name} CRASHED (${describeExit(event)})`, ...event.lastLines.map((line) => `  | ${line}`)].join('\n');
    case 'process-paused':
      return `${name} paused`;
    case 'process-unpaused':
      return `${name} goes on`;
    case 'link-cut':
      return `link to the broker cut, ${name}: connections ${event.connections}`;
    case 'link-mended':
      return `link to the broker mended, ${name}`;
    case 'link-disturbed':
      return `link of ${name} to ${peerOf(event.side)}: ${event.by}, connections ${event.connections}`;
    case 'link-cured':
      return `link of ${name} to ${peerOf(event.side)}: no ${event.of} any more`;
    case 'process-hung':
      return `${name} hung: no answer for a second`;
    case 'process-answered':
      return `${name} answers again`;
    case 'leash-lost':
      return `nothing ends the processes if this one is killed (${event.reason})`;
    case 'log-lost':
      return `the log of ${name} cannot be written (${event.reason})`;
    default:
      return unreachable(event);
  }
}

function peerOf(side: LinkSide): string {
  return side === 'broker' ? 'the broker' : 'its clients';
}
