// Prints the reference from the program itself, and from the rules that its tests check: docs/reference/ and scenarios/scenario.schema.json.
//   node scripts/docs.js           writes what has changed
//   node scripts/docs.js --check   writes nothing; ends with 1 and the names of stale files
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importBundled } from './import-bundled.js';
import { commandsPage } from './reference/commands.js';
import { errorsPage } from './reference/errors.js';
import { exitCodesPage } from './reference/exit-codes.js';
import { limitsPage } from './reference/limits.js';
import { metricsPage } from './reference/metrics.js';
import { scenarioPage } from './reference/scenario.js';
import { stompPage } from './reference/stomp.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

// The parts of the program that the pages are printed from.
const library = await importBundled('scripts/reference/library.ts');
const files = {
  'docs/reference/commands.md': await commandsPage(library),
  'docs/reference/errors.md': errorsPage(library),
  'docs/reference/exit-codes.md': exitCodesPage(library, root),
  'docs/reference/limits.md': limitsPage(library, root),
  'docs/reference/metrics.md': metricsPage(library),
  'docs/reference/scenario.md': scenarioPage(library),
  'docs/reference/stomp.md': stompPage(root),
  'scenarios/scenario.schema.json': `${JSON.stringify(library.scenarioJsonSchema(), null, 2)}\n`,
};
mkdirSync(join(root, 'docs/reference'), { recursive: true });
const stale = Object.keys(files).filter((path) => read(join(root, path)) !== files[path]);
// A page that nothing prints any more is stale too.
const orphaned = readdirSync(join(root, 'docs/reference'))
  .map((name) => `docs/reference/${name}`)
  .filter((path) => files[path] === undefined);

if (process.argv.includes('--check')) {
  for (const path of [...stale, ...orphaned]) process.stderr.write(`stale: ${path}\n`);
  if (stale.length + orphaned.length > 0) {
    process.stderr.write('Run: npm run docs\n');
    process.exitCode = 1;
  }
} else {
  for (const path of stale) writeFileSync(join(root, path), files[path]);
  for (const path of orphaned) rmSync(join(root, path));
  for (const path of [...stale, ...orphaned]) process.stdout.write(`${path}\n`);
}
