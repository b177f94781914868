/** A part of the screen: what it cannot do without, and what it would like. In rows. */
export interface Wish {
  readonly least: number;
  readonly most: number;
}

/**
 * Divides rows among parts that stand in order of importance. Each gets its least; what is left goes
 * to the first until it has its most, then to the next. When not even the least fits, the last lose theirs first.
 */
export function allot(rows: number, wishes: readonly Wish[]): number[] {
  let left = Math.max(0, rows);
  const given = wishes.map(({ least }) => {
    const share = Math.min(least, left);
    left -= share;
    return share;
  });
  return wishes.map(({ least, most }, index) => {
    const share = given[index] ?? 0;
    // A part that did not even get its least has nothing to grow from.
    const extra = share < least ? 0 : Math.min(left, Math.max(0, most - least));
    left -= extra;
    return share + extra;
  });
}
