import { formatCount, formatDuration } from '../../core/quantity.js';
import type { Result, SilenceReport } from '../../record/result.js';
import { formatMoment } from '../figures.js';
import type { Style } from '../style.js';

const maxShown = 5;

/** Subscriptions that heard nothing although their connection lived, the longest first. */
export function silenceLines({ silences = [], manifest }: Result, style: Style): string[] {
  const lengthMs = ({ sinceMs, untilMs }: SilenceReport): number => (untilMs ?? manifest.durationMs) - sinceMs;
  const longest = [...silences].sort((a, b) => lengthMs(b) - lengthMs(a) || a.sinceMs - b.sinceMs).slice(0, maxShown);
  const lines = longest.map((silence) => {
    const { client, node, destination, kind, sinceMs, untilMs } = silence;
    const until = untilMs === null ? '' : ` for ${formatDuration(untilMs - sinceMs)}`;
    const who = `${style.safe(client)} on ${style.safe(node)}`;
    const what = `${who} heard nothing on ${style.safe(destination)} since ${formatMoment(sinceMs)}${until}`;
    return `    ${style.paint.yellow(style.symbols.failed)} ${what} ${style.paint.dim(`(${kind})`)}`;
  });
  if (silences.length <= maxShown) return lines;
  return [...lines, `    in all ${formatCount(silences.length)} silences of subscriptions whose connection lived`];
}
