/** The marks that a report puts beside words. Every state has its own, so that nothing is told by colour alone. */
export interface Symbols {
  readonly ok: string;
  readonly failed: string;
  readonly unknown: string;
  readonly up: string;
  readonly hung: string;
  readonly down: string;
  readonly starting: string;
  readonly crashed: string;
  /** Between the facts of one line, with its spaces. */
  readonly separator: string;
  readonly ellipsis: string;
  /** Stands where there is no number. */
  readonly none: string;
  readonly bullet: string;
  /** Between what was and what is. */
  readonly arrow: string;
  readonly chosen: string;
  readonly upDown: string;
  readonly rule: string;
  /** Heights of a sparkline, lowest first. */
  readonly bars: readonly string[];
}

const unicodeSymbols: Symbols = {
  ok: '✓',
  failed: '✗',
  unknown: '?',
  up: '●',
  hung: '◐',
  down: '○',
  starting: '◌',
  crashed: '✖',
  separator: ' · ',
  ellipsis: '…',
  none: '–',
  bullet: '•',
  arrow: '→',
  chosen: '›',
  upDown: '↑↓',
  rule: '─',
  bars: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

const asciiSymbols: Symbols = {
  ok: '+',
  failed: 'x',
  unknown: '?',
  up: '*',
  hung: '~',
  down: 'o',
  starting: '.',
  crashed: '!',
  separator: ' | ',
  ellipsis: '~',
  none: '-',
  bullet: '-',
  arrow: '->',
  chosen: '>',
  upDown: 'j/k',
  rule: '-',
  bars: ['_', '.', ':', '-', '=', '+', '*', '#'],
};

/** The marks for an output; ASCII where the locale is not UTF-8, in the same widths wherever columns depend on it. */
export function symbolsFor(unicode: boolean): Symbols {
  return unicode ? unicodeSymbols : asciiSymbols;
}
