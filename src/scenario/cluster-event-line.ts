import type { ClusterEvent } from '../cluster/event.js';
import { formatDuration } from '../core/quantity.js';
import type { EventLine } from '../record/snapshot.js';

/** What a cluster's event says to people; undefined for those that only make noise. */
export function clusterEventLine(event: ClusterEvent): Pick<EventLine, 'level' | 'text'> | undefined {
  const { name } = event;
  switch (event.type) {
    case 'process-ready':
      return { level: 'info', text: `${name} is ready after ${formatDuration(event.tookMs)}` };
    case 'process-draining':
      return { level: 'info', text: `${name} drains` };
    case 'process-exited':
      return { level: 'info', text: `${name} has ended` };
    case 'process-crashed': {
      const how = event.signal === null ? `exit code ${event.code}` : `signal ${event.signal}`;
      const words = event.lastLines.length === 0 ? '' : `; its last words:\n${event.lastLines.join('\n')}`;
      return { level: 'error', text: `${name} crashed with ${how}${words}` };
    }
    case 'process-paused':
      return { level: 'info', text: `${name} is paused` };
    case 'process-unpaused':
      return { level: 'info', text: `${name} goes on` };
    case 'process-hung':
      return { level: 'warning', text: `${name} does not answer` };
    case 'process-answered':
      return { level: 'info', text: `${name} answers again` };
    case 'leash-lost':
    case 'log-lost':
      return { level: 'warning', text: `${name}: ${event.reason}` };
    case 'process-started':
      return undefined;
  }
}
