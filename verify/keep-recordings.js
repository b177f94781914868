// Records the kept histories anew: node verify/keep-recordings.js
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importBundled } from '../scripts/import-bundled.js';
import { record, recordings } from './recordings.js';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../test/record/recordings');
mkdirSync(folder, { recursive: true });
const { readRecording, writeRecording } = await importBundled('verify/library.ts');
for (const recording of recordings) {
  const { name, isExcused = false } = recording;
  writeFileSync(
    join(folder, `${name}.ndjson`),
    writeRecording(readRecording(name, await record(recording), isExcused)),
  );
  process.stdout.write(`${name}\n`);
}
