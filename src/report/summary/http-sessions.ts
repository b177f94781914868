import { formatCount } from '../../core/quantity.js';
import type { Result } from '../../record/result.js';
import { joinFacts, type Style } from '../style.js';

const title = 'HTTP SESSIONS';

/** One line on who stayed logged in; none when nobody logged in. */
export function httpSessionLines(result: Result, style: Style): string[] {
  const { httpSessions: counts } = result;
  if (counts === undefined || counts.logins + counts.failedLogins === 0) return [];
  const { paint } = style;
  const some = (count: number, text: string): string[] => (count === 0 ? [] : [`${text} ${formatCount(count)}`]);
  const { lostAtReconnect } = counts;
  const lost = `logged out by a fail-over ${formatCount(lostAtReconnect)}`;
  const facts = [
    `logged in ${formatCount(counts.logins)}`,
    lostAtReconnect === 0 ? lost : paint.red(lost),
    ...some(counts.lostAtConnect, 'not known to the next node').map(paint.red),
    ...some(counts.relogins, 'logged in again'),
    ...some(counts.failedLogins, 'logins failed').map(paint.yellow),
  ];
  const indent = ' '.repeat(title.length + 5);
  const [first = '', ...rest] = joinFacts(facts, style, indent);
  return [`  ${paint.bold(title)}   ${first.trimStart()}`, ...rest];
}
