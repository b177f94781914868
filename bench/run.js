// Measures what this package promises about its own speed and size, prints one table and writes JSON.
//   node bench/run.js [--only name]… [--quick] [--out file]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { program } from './child.js';
import { bundleSource } from './source.js';

const benchFolder = dirname(fileURLToPath(import.meta.url));
const rowNames = [
  'fan-out',
  'brokers',
  'memory',
  'client-cpu',
  'journal',
  'passage',
  'up-ready',
  'help-cpu',
  'hostile-peers',
];

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      out: { type: 'string', default: resolve(benchFolder, 'results/latest.json') },
    },
  });
  for (const name of values.only) {
    if (!rowNames.includes(name)) throw new Error(`there is no "${name}"; there are ${rowNames.join(', ')}`);
  }
  return { ...values, only: values.only.length > 0 ? values.only : rowNames };
}

/** Three significant digits at least, and whole numbers from a hundred on. */
function formatNumber(number) {
  return number >= 100 ? Math.round(number).toLocaleString('en') : number.toPrecision(3);
}

function cellsOf(row) {
  if (row.skipped !== undefined) return ['SKIPPED', row.name, '', '', '', '', `not measured: ${row.skipped}`];
  const ok = row.ok ? 'ok' : 'NOT OK';
  const figures = [formatNumber(row.figure), formatNumber(row.reference), row.unit, row.ratio.toFixed(2)];
  return [ok, row.name, ...figures, row.limit];
}

function formatTable(rows) {
  const head = ['', 'name', 'figure', 'reference', 'unit', 'ratio', 'limit'];
  const lines = rows.map(cellsOf);
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i].length)));
  const isNumber = [2, 3, 5];
  const format = (cells) =>
    cells.map((cell, i) => (isNumber.includes(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ');
  return [head, ...lines].map((cells) => format(cells).trimEnd()).join('\n');
}

async function measure({ only, quick }) {
  const source = await bundleSource();
  const rows = [];
  try {
    for (const name of only) {
      process.stderr.write(`measuring ${name} …\n`);
      const { run } = await import(`./rows/${name}.js`);
      rows.push(...(await run({ quick, sourceUrl: source.url })));
    }
  } finally {
    source.remove();
  }
  return rows;
}

function writeResults(file, rows, { quick }) {
  const machine = { node: process.versions.node, cpus: cpus().length, model: cpus()[0]?.model };
  const document = { schema: 'cluster-chat/bench@1', at: new Date().toISOString(), quick, machine, rows };
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}

try {
  const options = readOptions();
  if (!existsSync(resolve(dirname(program), '../dist/cli.js'))) throw new Error('build first: npm run build');
  const rows = await measure(options);
  writeResults(options.out, rows, options);
  console.log(formatTable(rows));
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
