import { formatCount, formatDuration } from '../../core/quantity.js';
import type { MissingExample, Result } from '../../record/result.js';
import { countedCauses } from '../cause-sentence.js';
import { formatMoment } from '../figures.js';
import { type Style, widest } from '../style.js';

const maxExamples = 5;
const maxGaps = 3;

/** What is missing by cause, each with its sentence, and examples with their ids. */
export function missingLines(result: Result, style: Style): string[] {
  const counted = countedCauses(result.missingByCause);
  const causeWidth = widest(
    counted.map(({ cause }) => cause),
    20,
  );
  const countWidth = widest(
    counted.map(({ count }) => formatCount(count)),
    14,
  );
  const rows = counted.map(({ cause, count, sentence }) => {
    const figure = style.right(formatCount(count), countWidth);
    const name = cause === 'unexplained' ? style.paint.red(cause.padEnd(causeWidth)) : cause.padEnd(causeWidth);
    return `    ${figure}  ${name}  ${style.paint.dim(`${sentence}${doubt(result.inferredByCause?.[cause], count)}`)}`;
  });
  const { missing, requiredMissing } = result.delivery;
  const felt = missing - requiredMissing;
  if (felt > 0) rows.push(`    of these ${formatCount(felt)} were promised by no contract, but a user felt them`);
  return [...rows, ...exampleLines(result.missingExamples, style)];
}

/** How many of a cause no journal proves: the nodes kept none, or died with the last of it. */
function doubt(inferred: number | undefined, count: number): string {
  if (inferred === undefined || inferred === 0) return '';
  return inferred === count ? ' (inferred)' : ` (${formatCount(inferred)} of them inferred)`;
}

function exampleLines(examples: readonly MissingExample[], style: Style): string[] {
  if (examples.length === 0) return [];
  const chosen = [...examples]
    .sort((a, b) => Number(b.cause === 'unexplained') - Number(a.cause === 'unexplained'))
    .slice(0, maxExamples);
  return ['    for example', ...chosen.map((example) => `      ${exampleText(example, style)}`)];
}

function exampleText(example: MissingExample, style: Style): string {
  const id = `${style.safe(example.publisher)}/${example.epoch}/${example.sequence}`;
  const way = `${id} to ${style.safe(example.subscriber)} on ${style.safe(example.destination)}`;
  return `${style.safe(example.cause)}: ${way}, sent at ${formatMoment(example.atMs)}`;
}

/** The longest of the gaps that reconnections left, as their users felt them. */
export function gapLines(result: Result, style: Style): string[] {
  if (result.gaps.length === 0) return [];
  const worst = [...result.gaps].sort((a, b) => b.messages - a.messages || b.outageMs - a.outageMs).slice(0, maxGaps);
  const lines = worst.map(
    (gap) =>
      `    ${style.safe(gap.client)} was away ${formatDuration(gap.outageMs)} and missed ${messages(gap.messages)}` +
      style.paint.dim(` (${style.safe(gap.node)})`),
  );
  if (result.gaps.length <= maxGaps) return lines;
  const total = result.gaps.reduce((sum, gap) => sum + gap.messages, 0);
  return [...lines, `    in all ${formatCount(result.gaps.length)} gaps with ${messages(total)}`];
}

function messages(count: number): string {
  return count === 1 ? '1 message' : `${formatCount(count)} messages`;
}
