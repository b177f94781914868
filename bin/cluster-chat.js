#!/usr/bin/env node
// Starts the built program. Kept free of imports and modern syntax, so that an old Node gets as far
// as the message about its age.
import { existsSync } from 'node:fs';

/** The oldest release of each line that package.json's `engines` accepts. */
const oldestMinor = { 20: 19, 22: 12 };

const [major, minor] = process.versions.node.split('.').map(Number);
const isSupported = major >= 24 || minor >= (oldestMinor[major] ?? Number.POSITIVE_INFINITY);
const program = new URL('../dist/cli.js', import.meta.url);

if (!isSupported) {
  stop(`Node ${process.versions.node} is not supported`, 'Install Node 20.19, 22.12, 24 or newer: https://nodejs.org');
} else if (!existsSync(program)) {
  stop('the program is not built yet', 'In a checkout, run: npm install && npm run build');
} else {
  // React picks its development build otherwise, which keeps a record of every render for ever.
  process.env.NODE_ENV ??= 'production';
  // The drawing library knows only its own variable, and reads it when it is loaded.
  if (process.env.NO_COLOR) process.env.FORCE_COLOR = '0';
  await import(program.href);
}

/** Prints an error with its cure and ends with the exit code for a wrong use. */
function stop(message, hint) {
  process.stderr.write(`error: ${message}\n  ${hint}\n`);
  process.exitCode = 2;
}
