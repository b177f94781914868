import type { EventLine } from '../../../record/snapshot.js';
import { formatMoment } from '../../figures.js';
import type { Style } from '../../style.js';

/** The last events that fit, newest at the bottom, one line each. */
export function eventLines(events: readonly EventLine[], rows: number, style: Style): string[] {
  if (rows <= 0) return [];
  return events.slice(-rows).map((event) => eventLine(event, style));
}

function eventLine(event: EventLine, style: Style): string {
  const { paint, symbols } = style;
  const time = paint.dim(style.right(formatMoment(event.atMs), 8));
  // Only what can fit is made safe: an event may be a megabyte long, and it is drawn four times a second.
  const text = style.clip(style.safe(event.text.slice(0, style.width * 8)), style.width - 12);
  switch (event.level) {
    case 'info':
      return ` ${time}   ${text}`;
    case 'warning':
      return ` ${time} ${paint.yellow(`! ${text}`)}`;
    case 'error':
      return ` ${time} ${paint.red(`${symbols.failed} ${text}`)}`;
  }
}
