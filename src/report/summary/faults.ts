import { formatCount, formatDuration } from '../../core/quantity.js';
import type { FaultReport, Result } from '../../record/result.js';
import { formatMoment } from '../figures.js';
import { joinFacts, type Style, widest } from '../style.js';

/** One line per fault: when, what, whom it dropped, and how long until everybody was back. */
export function faultLines(result: Result, style: Style): string[] {
  const names = result.faults.map((fault) => style.safe(`${fault.type} ${fault.node}`));
  const nameWidth = widest(names, 40);
  const lines = result.faults.flatMap((fault, index) => {
    const head = `    ${style.right(formatMoment(fault.atMs), 6)} ${style.left(names[index] ?? '', nameWidth)}    `;
    // Facts that need a second line go below the first fact, so that the times stay a column.
    const [first = '', ...rest] = joinFacts(factsOf(fault, style), style, ' '.repeat(15 + nameWidth));
    return [head + first.trimStart(), ...rest];
  });
  const { reconnect } = result;
  if (reconnect.count === 0) return lines;
  const facts = [
    `reconnects ${formatCount(reconnect.count)}`,
    ...timeFact('med', reconnect.p50Ms),
    ...timeFact('p95', reconnect.p95Ms),
    ...timeFact('max', reconnect.maxMs),
  ];
  return [...lines, ...joinFacts(facts, style, '    ')];
}

function timeFact(name: string, ms: number | null): string[] {
  return ms === null ? [] : [`${name} ${formatDuration(ms)}`];
}

function factsOf(fault: FaultReport, style: Style): string[] {
  if (!fault.observed) return [style.paint.yellow(`${style.symbols.unknown} was not seen to happen`)];
  const facts: string[] = [];
  if (fault.readyMs !== null) facts.push(`ready after ${formatDuration(fault.readyMs)}`);
  if (fault.droppedClients > 0) {
    facts.push(`${formatCount(fault.droppedClients)} clients dropped`);
    if (fault.noticedMs !== null) facts.push(`noticed ${formatDuration(fault.noticedMs)}`);
    facts.push(
      fault.recoveredMs === null
        ? style.paint.yellow('not all subscribed again')
        : `all subscribed again after ${formatDuration(fault.recoveredMs)}`,
    );
    facts.push(...timeFact('first message', fault.firstMessageMs ?? null));
    const peak = fault.peakConnectsPerSecond ?? 0;
    if (peak > 0) facts.push(`peak ${formatCount(peak)} connects/s`);
  }
  if (fault.droppedClients > 0 || fault.missing > 0) facts.push(`missing ${formatCount(fault.missing)}`);
  return facts.length === 0 ? ['no client was dropped'] : facts;
}
