import type { Reach } from '../../record/result.js';
import { formatShare } from '../figures.js';
import { type Style, widest } from '../style.js';

/** More columns than this do not help a reader; the whole matrix is in result.json. */
const maxNodes = 16;

/**
 * The reach matrix: a row per origin node, a column per receiving node. A cell is the share of the
 * required pairs that arrived; where nothing was required it is empty.
 * @param title stands at the left of the first line
 */
export function reachLines(reach: Reach, style: Style, title: string): string[] {
  if (reach.nodes.length === 0) return [];
  const names = reach.nodes.map((name) => style.safe(name));
  const nameWidth = widest(names, 16);
  const cellWidth = Math.max(6, nameWidth);
  const headWidth = '    from '.length + nameWidth + 2;
  const fitting = Math.floor((style.width - headWidth - 'to '.length + 2) / (cellWidth + 2));
  const shown = Math.min(names.length, maxNodes, Math.max(1, fitting));
  const columns = names.slice(0, shown);
  const head = columns.map((name) => style.right(name, cellWidth)).join('  ');
  const rows = columns.map((name, origin) => {
    const cells = columns.map((_, node) => paintedCell(reach, origin, node, cellWidth, style)).join('  ');
    return `${style.left(`    from ${style.left(name, nameWidth)}`, headWidth)}   ${cells}`;
  });
  const titleGap = ' '.repeat(Math.max(1, headWidth - 2 - title.length));
  return [`  ${style.paint.bold(title)}${titleGap}to ${head}`, ...rows, ...hiddenNote(reach, shown)];
}

function paintedCell(reach: Reach, origin: number, node: number, width: number, style: Style): string {
  const required = reach.required[origin]?.[node] ?? 0;
  const arrived = reach.arrived[origin]?.[node] ?? 0;
  if (required === 0) return style.paint.dim(style.right(style.symbols.none, width));
  const text = style.right(formatShare(arrived, required), width);
  if (arrived >= required) return style.paint.green(text);
  return arrived === 0 ? style.paint.red(text) : style.paint.yellow(text);
}

/** A matrix that is cut must still say whether a hole lies in the part that is not shown. */
function hiddenNote(reach: Reach, shown: number): string[] {
  const hidden = reach.nodes.length - shown;
  if (hidden <= 0) return [];
  let holes = 0;
  reach.required.forEach((row, origin) => {
    row.forEach((required, node) => {
      if (origin < shown && node < shown) return;
      if ((reach.arrived[origin]?.[node] ?? 0) < required) holes += 1;
    });
  });
  const state = holes === 0 ? 'all of them at 100%' : `${holes} of their cells below 100%`;
  return [`    ${hidden} more nodes not shown (in result.json), ${state}`];
}
