import { formatCount } from '../core/quantity.js';
import type { Result } from '../record/result.js';
import { displayWidth } from './display-width.js';
import { formatLength } from './figures.js';
import { createStyle, type Style, type StyleOptions } from './style.js';
import { deliveryLines } from './summary/delivery.js';
import { faultLines } from './summary/faults.js';
import { httpSessionLines } from './summary/http-sessions.js';
import { gapLines, missingLines } from './summary/missing.js';
import { reachLines } from './summary/reach.js';
import { silenceLines } from './summary/silences.js';
import { thresholdLines } from './summary/thresholds.js';
import { caveatLines, verdictLines } from './summary/verdict.js';

/** What a summary needs beside the result. */
export interface SummaryOptions extends StyleOptions {
  /** Path of the scenario file, for the place of a failed threshold. */
  readonly scenarioPath?: string | undefined;
  /** Folder with the results of the run. */
  readonly runDir?: string | undefined;
  /** The command that runs the same again. Must not contain secrets. */
  readonly repeatCommand: string;
}

/** Lines wider than this are hard to read, however wide the terminal is. */
const maxWidth = 120;

/**
 * The summary of a run for people, ending with a newline. It prints what the result says and judges
 * nothing. Text from peers and scenarios is made safe, so it may go to any terminal or CI log.
 */
export function formatSummary(result: Result, options: SummaryOptions): string {
  const style = createStyle({ ...options, width: Math.min(options.width, maxWidth) });
  const blocks = [
    ['', ...titleLines(result, style)],
    caveatLines(result, style),
    [
      ...section('THRESHOLDS', thresholdLines(result, style, options.scenarioPath), style),
      ...section('FAULTS', faultLines(result, style), style),
      ...section('DELIVERY', deliveryLines(result, style), style),
      ...section('MISSING', missingLines(result, style), style),
      ...section('SILENT', silenceLines(result, style), style),
      ...section('GAPS', gapLines(result, style), style),
      ...httpSessionLines(result, style),
      ...reachLines(result.reach, style, 'REACH'),
    ],
    [...verdictLines(result, style, options.runDir), `    ${style.safe(options.repeatCommand)}`, ''],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : [`  ${style.paint.bold(title)}`, ...lines];
}

function titleLines(result: Result, style: Style): string[] {
  const { manifest } = result;
  const facts = [
    `seed ${result.seed}`,
    formatLength(manifest.durationMs),
    `${formatCount(manifest.nodes)} nodes`,
    `${formatCount(manifest.clients)} clients`,
  ].join(style.symbols.separator);
  const name = style.clip(style.safe(result.name), style.width - 4);
  const gap = style.width - 2 - displayWidth(name) - displayWidth(facts);
  const title = style.paint.bold(name);
  // The facts stand at the right edge, or below where the name leaves no room for them.
  if (gap >= 4) return [`  ${title}${' '.repeat(gap)}${style.paint.dim(facts)}`];
  return [`  ${title}`, `  ${style.paint.dim(facts)}`];
}
