import type { Symbols } from '../symbols.js';

/**
 * The last `width` values as bars between zero and the highest of them, the newest at the right.
 * A missing value is a gap; a value that is not finite counts as missing.
 */
export function sparkline(values: readonly (number | null)[], width: number, symbols: Symbols): string {
  if (width <= 0) return '';
  const shown = values
    .slice(-width)
    .map((value) => (value !== null && Number.isFinite(value) ? Math.max(0, value) : null));
  const highest = shown.reduce<number>((high, value) => Math.max(high, value ?? 0), 0);
  const steps = symbols.bars.length - 1;
  const bars = shown.map((value) => {
    if (value === null) return ' ';
    const step = highest === 0 ? 0 : Math.round((value / highest) * steps);
    return symbols.bars[step] ?? ' ';
  });
  return bars.join('').padStart(width);
}
