import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { standIn } from './test-cluster.js';

/** A package of its own in a temporary folder, whose launcher is a fixture; `cwd` is an empty folder in it. */
export interface PackageFolder {
  readonly launcher: string;
  readonly cwd: string;
  remove(): void;
}

/** The drawing library asks for its development tools by a static import; they are no part of the product. */
const stubDevtools: Plugin = {
  name: 'stub-devtools',
  setup(bundler) {
    bundler.onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'stub' }));
    bundler.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {};' }));
  },
};

/**
 * Bundles a fixture as `bin/cluster-chat.js`, so that it is what our code finds as its own launcher, in the
 * processes that it starts too. The stand-in lies beside it.
 */
export async function makePackageFolder(fixture: string): Promise<PackageFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
  const launcher = join(folder, 'bin', 'cluster-chat.js');
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'cluster-chat', version: '0.0.0', type: 'module' }),
  );
  await build({
    entryPoints: [join(import.meta.dirname, 'fixtures', fixture)],
    outfile: launcher,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: { js: "import{createRequire as r}from'node:module';const require=r(import.meta.url);" },
    external: ['bufferutil', 'utf-8-validate'],
    plugins: [stubDevtools],
  });
  symlinkSync(standIn, join(folder, 'bin', 'stand-in.js'));
  return { launcher, cwd: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
