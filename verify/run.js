// The tool against itself: every check at its full size, one figure each.
//   node verify/run.js [--only row]… [--quick] [--out file]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { importBundled } from '../scripts/import-bundled.js';
import { rows } from './rows.js';
import { formatTable } from './table.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
    },
  });
  for (const name of values.only) {
    if (rows.some((row) => row.name === name)) continue;
    throw new Error(`there is no check "${name}"; there are ${rows.map((row) => row.name).join(', ')}`);
  }
  const chosen = values.only.length === 0 ? rows : rows.filter(({ name }) => values.only.includes(name));
  return { rows: chosen, isQuick: values.quick, out: values.out };
}

/** A check that ends in an error has failed; the others go on. */
async function performRow({ name, title, perform }, context) {
  const say = (line) => process.stderr.write(`${name}: ${line}\n`);
  const startedAt = Date.now();
  let outcome;
  try {
    outcome = await perform({ ...context, say });
  } catch (error) {
    outcome = { figure: 'ended with an error', limit: '', ok: false, details: error?.stack ?? String(error) };
  }
  const { details, ...rest } = outcome;
  if (outcome.ok) say(outcome.figure);
  else say(`FAIL ${outcome.figure}\n${typeof details === 'string' ? details : JSON.stringify(details, null, 2)}`);
  return { name, title, ...rest, details: outcome.ok ? undefined : details, tookMs: Date.now() - startedAt };
}

try {
  const options = readOptions();
  if (!existsSync(join(root, 'dist/cli.js'))) throw new Error('build first: npm run build');
  const startedAt = new Date();
  const library = await importBundled('verify/library.ts');
  const done = [];
  for (const row of options.rows) done.push(await performRow(row, { library, isQuick: options.isQuick }));
  const machine = { node: process.versions.node, cpus: cpus().length };
  const { isQuick } = options;
  const document = { schema: 'cluster-chat/verify@1', at: startedAt.toISOString(), isQuick, machine, rows: done };
  if (options.out !== undefined) {
    mkdirSync(dirname(resolve(options.out)), { recursive: true });
    writeFileSync(options.out, `${JSON.stringify(document, null, 2)}\n`);
  }
  console.log(formatTable(done));
  process.exitCode = done.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
