import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What the benchmarks use of src/ and of the tests' servers, which Node cannot run as it is. */
const entry = `
export { Client } from './src/client/client.js';
export { createLeanEngine } from './src/client/lean-engine.js';
export { emptyTally } from './src/client/tally.js';
export { keepYoungGenerationSmall } from './src/commands/young-generation.js';
export { createRandom } from './src/core/random.js';
export { createRecorder } from './src/record/recorder.js';
export { emptyReading, writeStamp } from './src/record/stamp.js';
export { startRabbitmq } from './test/services/rabbitmq-server.js';
export { startRedis } from './test/services/redis-server.js';
export { requireService } from './test/services/require-service.js';
`;

/** Bundles that into a temporary folder; the URL is for `import`, and `remove` takes the folder away. */
export async function bundleSource() {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-bench-'));
  const outfile = join(folder, 'source.mjs');
  await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['bufferutil', 'utf-8-validate'],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  return {
    url: pathToFileURL(outfile).href,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
