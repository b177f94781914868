import { formatCount, formatDuration } from '../core/quantity.js';
import type { Result } from '../record/result.js';
import type { EventLine, RunSnapshot } from '../record/snapshot.js';
import { formatMoment } from './figures.js';
import { formatSummary, type SummaryOptions } from './summary.js';
import { untrusted } from './untrusted.js';

/** The longest text of an event on one line, in characters. */
const maxEventCharacters = 2000;

/** One event as one line without a newline: time since the start, level where it is not `info`, text. ASCII only. */
export function formatEvent(event: EventLine): string {
  const level = event.level === 'info' ? '' : `${event.level}: `;
  const text = event.text.length > maxEventCharacters ? `${event.text.slice(0, maxEventCharacters)}~` : event.text;
  return `${formatMoment(event.atMs).padStart(8)}  ${level}${untrusted(text, false)}`;
}

/** The state of a run as one line without a newline, for logs that are read while it runs. ASCII only. */
export function formatProgress(snapshot: RunSnapshot): string {
  const { clients, response } = snapshot;
  const facts = [
    `${snapshot.phase} ${formatMoment(snapshot.elapsedMs)} of ${formatMoment(snapshot.durationMs)}`,
    `clients ${formatCount(clients.connected)}/${formatCount(clients.total)}`,
    `sent ${formatCount(snapshot.sent)}`,
    `expected ${formatCount(snapshot.expected)}`,
    `once ${formatCount(snapshot.once)}`,
    `late ${formatCount(snapshot.late)}`,
    `missing ${formatCount(snapshot.missing)}`,
    `duplicate ${formatCount(snapshot.duplicate)}`,
    `p99 ${response.p99Ms === null ? '-' : formatDuration(response.p99Ms)}`,
    ...(snapshot.generator.saturated ? ['generator saturated'] : []),
  ];
  return `${formatMoment(snapshot.elapsedMs).padStart(8)}  ${facts.join(', ')}`;
}

/** The summary for pipes and logs: without colour and in ASCII, otherwise the same. */
export function formatPlain(result: Result, options: SummaryOptions): string {
  return formatSummary(result, { ...options, color: false, unicode: false });
}
