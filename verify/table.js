function timeOf(tookMs) {
  const seconds = Math.round(tookMs / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The results as a Markdown table that can also be read as it is. */
export function formatTable(rows) {
  const head = ['check', 'figure', 'limit', 'time', ''];
  const lines = rows.map(({ title, figure, limit, tookMs, ok }) => [
    title,
    figure,
    limit,
    timeOf(tookMs),
    ok ? 'pass' : 'FAIL',
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...lines.map((cells) => cells[i].length)));
  const format = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const failed = rows.filter(({ ok }) => !ok).length;
  const sum = failed === 0 ? `all ${rows.length} pass` : `${failed} of ${rows.length} fail`;
  return [
    format(head),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...lines.map(format),
    '',
    sum,
  ].join('\n');
}
