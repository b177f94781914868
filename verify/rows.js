// Every check is a file in rows/ and its name here; --only takes the same names.
const names = [
  'mutations',
  'second-checker',
  'properties',
  'broken-nodes',
  'bad-inputs',
  'hostile-peers',
  'clocks',
  'freeze',
  'soak',
  'supervisor-kills',
  'interruptions',
];

/**
 * The checks, in the order in which they run. Each has a `title`, and `perform(context)`, which resolves with
 * `{ figure, limit, ok, details }`: what was measured, what it must be, whether it is, and what to look at if not.
 * The context has `library` (verify/library.ts), `isQuick` (far smaller counts) and `say(line)` for progress.
 */
export const rows = await Promise.all(
  names.map(async (name) => {
    const { title, perform } = await import(`./rows/${name}.js`);
    return { name, title, perform };
  }),
);
