const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A letter with more marks than this is an attack on the terminal, not a language. */
const maxCodePointsPerGrapheme = 8;

/** [Unicode UAX #11] East Asian Wide and Fullwidth, by blocks. */
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
/** Emoji that are drawn two columns wide by default, flags, and text symbols made emoji by U+FE0F. */
const emoji =
  /^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Extended_Pictographic}\u200d?\ufe0f|[#*0-9]\ufe0f?\u20e3)/u;
const invisible = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Cc}]+$/u;

function graphemeWidth(grapheme: string): number {
  // ASCII first: nearly every character that a report prints.
  if (grapheme.length === 1 && grapheme >= ' ' && grapheme <= '~') return 1;
  if (invisible.test(grapheme)) return 0;
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1;
}

const printableAscii = /^[ -~]*$/;

/** Columns that a terminal gives to a text without control characters. */
export function displayWidth(text: string): number {
  // Cutting a megabyte into graphemes takes seconds, and nearly every text needs no cutting.
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** A grapheme without an endless tail of marks. */
function shortened(grapheme: string): string {
  if (grapheme.length <= maxCodePointsPerGrapheme) return grapheme;
  const points = [...grapheme];
  return points.length > maxCodePointsPerGrapheme ? (points[0] ?? '') : grapheme;
}

/** Cuts a text to at most `width` columns, never inside a character; a cut text ends with `ellipsis`. */
export function clip(text: string, width: number, ellipsis: string): string {
  if (width <= 0) return '';
  // A line of a megabyte must not cost a megabyte of work at every redraw.
  const head = text.slice(0, width * maxCodePointsPerGrapheme * 2);
  const roomBeforeEllipsis = width - displayWidth(ellipsis);
  let whole = '';
  let cut = '';
  let columns = 0;
  for (const { segment } of graphemes.segment(head)) {
    const grapheme = shortened(segment);
    columns += graphemeWidth(grapheme);
    if (columns > width) return cut + ellipsis;
    whole += grapheme;
    if (columns <= roomBeforeEllipsis) cut = whole;
  }
  return head.length < text.length ? cut + ellipsis : whole;
}

/** Exactly `width` columns, text on the left. */
export function padEnd(text: string, width: number, ellipsis: string): string {
  const cut = clip(text, width, ellipsis);
  return cut + ' '.repeat(Math.max(0, width - displayWidth(cut)));
}

/** Exactly `width` columns, text on the right, as numbers stand in a table. */
export function padStart(text: string, width: number, ellipsis: string): string {
  const cut = clip(text, width, ellipsis);
  return ' '.repeat(Math.max(0, width - displayWidth(cut))) + cut;
}
