import { unreachable } from '../../core/errors.js';
import type { Result } from '../../record/result.js';
import type { Style } from '../style.js';

const maxReasons = 10;

/**
 * What a reader must know before any figure: why the run cannot be judged, that the generator and not
 * the system may have made the latency, and that the run was cut short.
 */
export function caveatLines(result: Result, style: Style): string[] {
  const caveats: string[] = [];
  if (result.verdict === 'inconclusive')
    caveats.push(...reasons(result, style).map((reason) => `inconclusive: ${reason}`));
  if (result.generator.saturated)
    caveats.push('the generator was saturated: counts are exact, latencies may be those of this machine');
  if (result.partial) caveats.push('ended early: the figures are of the part that ran');
  return caveats.map((caveat) => `  ${style.paint.yellow(`! ${caveat}`)}`);
}

/**
 * The verdict, where its evidence lies, and its reasons.
 * @param runDir folder with the results
 */
export function verdictLines(result: Result, style: Style, runDir: string | undefined): string[] {
  const place = runDir === undefined ? '' : `        ${style.paint.dim(style.safe(runDir))}`;
  const total = result.thresholds.length;
  const failed = result.thresholds.filter((threshold) => !threshold.ok && !threshold.inconclusive).length;
  switch (result.verdict) {
    case 'pass':
      return [`  ${style.paint.green(style.paint.bold(`${style.symbols.ok} PASSED`))}  ${count(total, total)}${place}`];
    case 'fail': {
      const head = `  ${style.paint.red(style.paint.bold(`${style.symbols.failed} FAILED`))}  ${count(failed, total)}${place}`;
      return [head, ...reasons(result, style).map((reason) => `    ${style.symbols.bullet} ${reason}`)];
    }
    case 'inconclusive': {
      const judged = result.thresholds.filter((threshold) => threshold.ok).length;
      const mark = style.paint.yellow(style.paint.bold(`${style.symbols.unknown} INCONCLUSIVE`));
      return [`  ${mark}  ${count(judged, total)} met${place}`];
    }
    default:
      return unreachable(result.verdict);
  }
}

function count(part: number, total: number): string {
  if (total === 0) return 'no thresholds';
  return `${part} of ${total} ${total === 1 ? 'threshold' : 'thresholds'}`;
}

function reasons(result: Result, style: Style): string[] {
  const shown = result.reasons.slice(0, maxReasons).map((reason) => style.safe(reason));
  const more = result.reasons.length - shown.length;
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}
