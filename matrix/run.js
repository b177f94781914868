// Runs every broker through every fault, with several seeds each, and judges each run by what the broker promises.
//   node matrix/run.js [--only row]… [--fault column]… [--all] [--seeds 3] [--out file]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { importBundled } from '../scripts/import-bundled.js';
import { guaranteesOf } from './guarantees.js';
import { faults, rows } from './rows.js';
import { program, runCell } from './run-cell.js';
import { Services } from './services.js';
import { formatTable } from './table.js';

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      fault: { type: 'string', multiple: true, default: [] },
      all: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '3' },
      out: { type: 'string' },
    },
  });
  const seeds = Number(values.seeds);
  if (!Number.isInteger(seeds) || seeds < 1) throw new Error(`--seeds is a number from 1 on, not ${values.seeds}`);
  const usual = values.all || values.fault.length > 0 ? faults : faults.filter(({ isExtra }) => isExtra !== true);
  return { rows: chosen(rows, values.only), faults: chosen(usual, values.fault), seeds, out: values.out };
}

function chosen(all, names) {
  for (const name of names) {
    if (all.some((each) => each.name === name)) continue;
    throw new Error(`there is no "${name}"; there are ${all.map((each) => each.name).join(', ')}`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** One run, as it is written to the JSON. */
async function perform(row, fault, address, seed, guarantees, library) {
  const { result, error } = await runCell(row, fault, address, seed);
  if (result === undefined) return { seed, missingByCause: {}, problems: [error] };
  const { verdict, reasons, delivery, missingByCause, absentByCause, missingExamples, reconnect } = result;
  const problems = library.problemsOf(result, guarantees, fault);
  const examples = problems.length === 0 ? [] : missingExamples.slice(0, 10);
  const happened = result.faults.map(({ type, node, droppedClients }) => ({ type, node, droppedClients }));
  const account = { delivery, missingByCause, absentByCause, reconnects: reconnect.count, faults: happened };
  return { seed, problems, verdict, reasons, ...account, missingExamples: examples };
}

async function performRow(row, options, services, library) {
  const running = await services.with(row.service);
  if (running === undefined) return { name: row.name, skipped: `${row.service} is not installed`, cells: [] };
  const address = row.address(running);
  const guarantees = await guaranteesOf(address, library.openBroker);
  if (guarantees === undefined) return { name: row.name, skipped: 'no such broker in this version', cells: [] };
  const cells = [];
  for (const fault of options.faults) {
    if (fault.needsLink && row.hasLink === false) {
      cells.push({ fault: fault.name, text: 'no link', ok: true, runs: [] });
      continue;
    }
    const runs = [];
    for (let seed = 1; seed <= options.seeds; seed++)
      runs.push(await perform(row, fault, address, seed, guarantees, library));
    const cell = {
      fault: fault.name,
      text: library.cellText(runs),
      ok: runs.every(({ problems }) => problems.length === 0),
    };
    process.stderr.write(`${row.name}, ${fault.name}: ${cell.text}\n`);
    cells.push({ ...cell, runs });
  }
  return { name: row.name, guarantees, cells };
}

function writeResults(file, document) {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
}

async function performAll(options) {
  const library = await importBundled('matrix/library.ts');
  const services = new Services(library);
  try {
    const done = [];
    for (const row of options.rows) done.push(await performRow(row, options, services, library));
    return done;
  } finally {
    await services.close();
  }
}

try {
  const options = readOptions();
  if (!existsSync(resolve(dirname(program), '../dist/cli.js'))) throw new Error('build first: npm run build');
  const startedAt = new Date();
  const done = await performAll(options);
  const tookSeconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const machine = { node: process.versions.node, cpus: cpus().length };
  const document = { schema: 'cluster-chat/matrix@1', at: startedAt.toISOString(), tookSeconds, machine, rows: done };
  if (options.out !== undefined) writeResults(options.out, document);
  console.log(formatTable(done, options.faults, tookSeconds));
  process.exitCode = done.every(({ cells }) => cells.every(({ ok }) => ok)) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 2;
}
