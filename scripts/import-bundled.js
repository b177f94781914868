import { mkdtempSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Imports a TypeScript file of this package, bundled from today's sources, because Node cannot run them as they are.
 * @param entry path from the package's root
 */
export async function importBundled(entry) {
  // Inside the package, because the program looks for its package.json and packages above itself.
  const folder = mkdtempSync(join(root, 'node_modules/.bundled-'));
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      // In one piece: what it loads on demand must still be there when the folder is gone.
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
      logLevel: 'warning',
    });
    return await import(pathToFileURL(join(folder, basename(entry).replace(/\.ts$/, '.mjs'))).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
