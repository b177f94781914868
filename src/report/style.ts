import { clip, displayWidth, padEnd, padStart } from './display-width.js';
import { createPaint, type Paint } from './paint.js';
import { type Symbols, symbolsFor } from './symbols.js';
import { untrusted } from './untrusted.js';

/** What an output can show. The caller decides, who knows the terminal and the environment. */
export interface StyleOptions {
  readonly color: boolean;
  readonly unicode: boolean;
  /** Columns of the output. */
  readonly width: number;
}

/** How the text reports write on one output; made once per report. */
export interface Style {
  readonly paint: Paint;
  readonly symbols: Symbols;
  readonly width: number;
  /** Makes text from outside fit to print; see `untrusted`. */
  readonly safe: (text: string) => string;
  /** Exactly `width` columns, text on the left. */
  readonly left: (text: string, width: number) => string;
  /** Exactly `width` columns, text on the right. */
  readonly right: (text: string, width: number) => string;
  readonly clip: (text: string, width: number) => string;
}

/** The style for an output; below 60 columns lines are left to the terminal to wrap. */
export function createStyle(options: StyleOptions): Style {
  const symbols = symbolsFor(options.unicode);
  return {
    paint: createPaint(options.color),
    symbols,
    width: Math.max(60, options.width),
    safe: (text) => untrusted(text, options.unicode),
    left: (text, width) => padEnd(text, width, symbols.ellipsis),
    right: (text, width) => padStart(text, width, symbols.ellipsis),
    clip: (text, width) => clip(text, width, symbols.ellipsis),
  };
}

/** What `paint` adds to a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the codes begin with a control character
const paintCodes = /\u001b\[\d+m/g;

/**
 * Facts on as few lines as the width allows, never broken inside one fact.
 * @param facts texts that are safe already; their colours take no room
 */
export function joinFacts(facts: readonly string[], style: Style, indent: string): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    const joined = last === undefined ? `${indent}${fact}` : `${last}${style.symbols.separator}${fact}`;
    if (last !== undefined && displayWidth(joined.replace(paintCodes, '')) <= style.width)
      lines[lines.length - 1] = joined;
    else lines.push(`${indent}${fact}`);
  }
  return lines;
}

/** The width of the widest text, at most `limit` columns. */
export function widest(texts: readonly string[], limit: number): number {
  return Math.min(
    limit,
    texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0),
  );
}
