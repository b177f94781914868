// The floors of the house and its few doors. Imports point downward only, never sideways, never up, types
// included. test/architecture/floors.test.ts proves that these rules catch what they forbid.

/** Every folder of src, from the ground up: its floor, and what it may import besides itself. */
const floors = [
  { floor: 0, folder: 'core', may: [] },
  { floor: 1, folder: 'stomp', may: ['core'] },
  { floor: 1, folder: 'record', may: ['core'] },
  { floor: 1, folder: 'proxy', may: ['core'] },
  { floor: 2, folder: 'broker', may: ['core', 'stomp'] },
  { floor: 2, folder: 'report', may: ['core', 'record'] },
  { floor: 3, folder: 'server', may: ['core', 'stomp', 'record', 'broker'] },
  { floor: 3, folder: 'client', may: ['core', 'stomp', 'record'] },
  // The state of a process is part of what a run leaves behind (record/snapshot).
  { floor: 4, folder: 'cluster', may: ['core', 'record', 'proxy'] },
  { floor: 4, folder: 'load', may: ['core', 'record', 'broker', 'client'] },
  { floor: 4, folder: 'doctor', may: ['core', 'stomp', 'record', 'client'] },
  { floor: 5, folder: 'faults', may: ['core', 'proxy', 'cluster'] },
  {
    floor: 6,
    folder: 'scenario',
    may: ['core', 'record', 'cluster', 'faults', 'load'],
    // The names of the reconnect profiles are words of a scenario file; the clients themselves are not its business.
    mayFile: ['client/reconnect-profiles.ts'],
  },
  // What programs import: the same floors as below the commands, without any of their words.
  { floor: 7, folder: 'library', may: ['core', 'record', 'report', 'cluster', 'scenario'] },
];
const folders = [...floors.map(({ folder }) => folder), 'commands'];

/** Packages and modules of Node that only some folders may touch; `in` is a pattern of paths under src. */
const doors = [
  { door: 'child_process', in: 'cluster/', why: 'Processes are started in one place, which also ends them.' },
  { door: 'ink', in: 'report/tui/', why: 'The library and the workers must not pay for the dashboard.' },
  { door: 'react', in: 'report/tui/', why: 'The library and the workers must not pay for the dashboard.' },
  { door: 'commander', in: 'commands/', why: 'Only a command knows that it was typed.' },
  { door: 'ws', in: '(server|client)/', why: 'Sockets belong to the two ends of a connection.' },
  { door: '@stomp/stompjs', in: 'client/', why: 'It is one engine of the clients; never the codec of the server.' },
  {
    door: 'ioredis',
    in: '(broker/|server/.*session)',
    why: 'What carries messages is a broker or the HTTP session store.',
  },
  { door: 'amqplib', in: 'broker/', why: 'What carries messages is a broker.' },
  { door: 'yaml', in: 'scenario/', why: 'Files are parsed at the border.' },
  { door: 'zod', in: 'scenario/', why: 'It costs 80 ms to load; only scenario files need it.' },
  { door: 'hdr-histogram-js', in: 'record/', why: 'Distributions are kept in one form.' },
];

/** A session is one thing, too long for one file: its parts know it, as a type. */
const session = '^src/server/session\\.ts$';

function floorRule({ floor, folder, may, mayFile = [] }) {
  return {
    name: `floor-${floor}-${folder}`,
    comment: `${folder} may import ${may.length === 0 ? 'nothing of ours' : may.join(', ')} and itself.`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: {
      path: '^src/',
      pathNot: [`^src/(${[folder, ...may].join('|')})/`, ...mayFile.map((file) => `^src/${file.replace('.', '\\.')}$`)],
    },
  };
}

function doorRule({ door, in: place, why }) {
  const name = door.replace('/', '\\/');
  return {
    name: `door-${door.replace(/^@|\/.*/g, '').replace(/_/g, '-')}`,
    comment: why,
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${place}` },
    // As a module of Node, as a package in its folder (or its types), and as a package that is not installed.
    to: { path: `^(node:)?${name}(/|$)|(^|/)node_modules/(@types/)?${name}/` },
  };
}

module.exports = {
  forbidden: [
    ...floors.map(floorRule),
    {
      name: 'floor-7-commands',
      comment: 'commands may import every floor below, but not the entries that start them.',
      severity: 'error',
      from: { path: '^src/commands/' },
      to: { path: '^src/[^/]+$' },
    },
    {
      name: 'every-folder-has-a-floor',
      comment: 'A new folder of src gets its row in this table.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${folders.join('|')})/` },
      to: {},
    },
    {
      name: 'no-circles-at-run-time',
      comment: 'Modules that load each other have no order.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'dynamic-import'] } },
    },
    {
      name: 'no-circles',
      comment:
        'Not even between types: what needs each other is one thing. A table of commands may load on demand what ' +
        'names its options; and what serves a session, one file per matter, may name the type of the session.',
      severity: 'error',
      from: { path: '^src/', pathNot: session },
      to: { circular: true, viaOnly: { pathNot: session, dependencyTypesNot: ['dynamic-import'] } },
    },
    {
      name: 'no-way-out',
      comment: 'The product does not import its tests, scripts or benchmarks.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench|bin|dist)/' },
    },
    {
      name: 'no-dead-imports',
      comment: 'An import that leads nowhere cannot be judged.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    ...doors.map(doorRule),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
