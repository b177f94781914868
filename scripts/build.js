// Builds dist/ with esbuild: every package bundled, split by command, so that the installed product
// has no dependencies and each command loads only what it needs.
//   node scripts/build.js           the program and the library
//   node scripts/build.js --types   the library's declarations too (slow; before packing)
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeNotices } from './notices.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** ink asks for its development tools when DEV is set; they are no part of the product. */
const stubDevtools = {
  name: 'stub-devtools',
  setup(bundler) {
    bundler.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'react-devtools-core', namespace: 'stub' }));
    bundler.onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'export default {};' }));
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { cli: 'src/cli.ts', index: 'src/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Names stay readable in stack traces; white space and dead branches go.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  // Optional accelerators of ws; it works without, and tries to load them by name.
  external: ['bufferutil', 'utf-8-validate'],
  // CommonJS packages inside the bundle call `require` for Node's own modules.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  plugins: [stubDevtools],
});
writeNotices(root, metafile);

// Chunk names carry a hash; old chunks would pile up and be packed.
const chunks = join(root, 'dist/chunks');
for (const name of readdirSync(chunks)) {
  if (metafile.outputs[`dist/chunks/${name}`] === undefined) rmSync(join(chunks, name));
}

if (process.argv.includes('--types')) {
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')],
    {
      stdio: 'inherit',
    },
  );
}
