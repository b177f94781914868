import { build } from 'esbuild';

/** Bundles the demo as the program itself is bundled; `outfile` then runs under node. */
export async function bundleDemo(outfile: string): Promise<void> {
  await build({
    entryPoints: ['test/report/tui/demo.tsx'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    jsx: 'automatic',
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        // ink imports the developer tools statically in a file that it loads only when DEV is set.
        name: 'no-devtools',
        setup: ({ onResolve, onLoad }) => {
          onResolve({ filter: /^react-devtools-core$/ }, ({ path }) => ({ path, namespace: 'no-devtools' }));
          onLoad({ filter: /.*/, namespace: 'no-devtools' }, () => ({ contents: 'export default {}' }));
        },
      },
    ],
  });
}
