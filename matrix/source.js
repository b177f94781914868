import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** library.ts, bundled from today's sources, because Node cannot run them as they are. */
export async function importLibrary() {
  // Inside the package, because the program looks for its package.json and packages above itself.
  const folder = mkdtempSync(join(root, 'node_modules/.matrix-'));
  try {
    await build({
      absWorkingDir: root,
      entryPoints: ['matrix/library.ts'],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(join(folder, 'library.mjs')).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
