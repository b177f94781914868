/** Text in one of the 16 colours that every terminal has; the user's theme decides what they look like. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** [ECMA-48, 8.3.117 SGR]: the parameter that starts an attribute and the one that ends only that attribute. */
function sgr(start: number, end: number): (text: string) => string {
  return (text) => (text === '' ? '' : `\u001b[${start}m${text}\u001b[${end}m`);
}

const coloured: Paint = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
};

const same = (text: string): string => text;
const plain: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

/**
 * The paint for an output. Whether there is colour is decided by the caller, who knows the terminal
 * and the environment (`NO_COLOR`); without it every function returns its text unchanged.
 */
export function createPaint(color: boolean): Paint {
  return color ? coloured : plain;
}
