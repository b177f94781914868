/** The result as a Markdown table that can also be read as it is, with the sums below it. */
export function formatTable(done, faults, tookSeconds) {
  const head = ['broker', ...faults.map(({ name }) => name)];
  const lines = done.map((row) =>
    row.skipped === undefined
      ? [row.name, ...row.cells.map(({ text }) => text)]
      : [row.name, ...faults.map((_, index) => (index === 0 ? `skipped: ${row.skipped}` : 'skipped'))],
  );
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i].length)));
  const format = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [format(head), rule, ...lines.map(format), '', sumsOf(done, tookSeconds)].join('\n');
}

function sumsOf(done, tookSeconds) {
  const runs = done.flatMap(({ cells }) => cells.flatMap((cell) => cell.runs));
  const sum = (name) => runs.reduce((total, { delivery }) => total + (delivery?.[name] ?? 0), 0);
  const counts = ['required', 'missing', 'unexplained', 'unexpected', 'duplicate'].map(
    (name) => `${name} ${sum(name)}`,
  );
  const time = `${Math.floor(tookSeconds / 60)} min ${tookSeconds % 60} s`;
  return `${runs.length} runs in ${time}; deliveries: ${counts.join(', ')}`;
}
