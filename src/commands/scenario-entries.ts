import { type CommandEntry, defineCommand } from './entry.js';
import { gather, jsonOption, wholeNumber } from './option-value.js';

export interface RunOptions {
  /** A file or the name of a built-in; undefined lists the built-ins. */
  readonly scenario: string | undefined;
  /** Each `name` or `name=file`. */
  readonly reporter: readonly string[];
  readonly seed: number | undefined;
  /** Each `path=value`, in the order given. */
  readonly set: readonly string[];
  /** Folder for the results; `.cluster-chat/runs/…` when undefined. */
  readonly out: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly dryRun: boolean;
  readonly allowExec: boolean;
  /** Processes that carry the clients; about one per core when undefined. */
  readonly workers: number | undefined;
  /** How many runs with seeds that follow each other; one alone, without a table, when undefined. */
  readonly repeat: number | undefined;
}

export interface ReportOptions {
  /** A run's folder or name; the latest when undefined. */
  readonly run: string | undefined;
  readonly reporter: readonly string[];
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface CompareOptions {
  /** Each a run, or the runs of a `--repeat`: a folder or a name. */
  readonly runA: string;
  readonly runB: string;
  readonly json: boolean;
}

export interface DemoOptions {
  readonly seed: number | undefined;
}

export interface ValidateOptions {
  readonly files: readonly string[];
}

export interface InitOptions {
  /** Folder to write into; the working directory when undefined. */
  readonly dir: string | undefined;
}

const test = 'Test a cluster:';
const write = 'Write scenarios:';

/** The commands around scenarios. */
export const scenarioEntries: readonly CommandEntry[] = [
  defineCommand<RunOptions>({
    usage: 'run [scenario]',
    summary: 'run a scenario file or a built-in one; without a name, list the built-ins',
    group: test,
    declare: (command) =>
      command
        .option('--reporter <name[=file]>', 'summary, plain, json or junit; may be repeated', gather, [])
        .option('--seed <number>', 'replay the run of that seed', wholeNumber(0, 4_294_967_295))
        .option('--set <path=value>', 'change the scenario, such as clients[0].count=50; may be repeated', gather, [])
        .option('--out <dir>', 'where the results go (default: a new folder under .cluster-chat/runs)')
        .addOption(jsonOption())
        .option('-q, --quiet', 'print the verdict only', false)
        .option('--dry-run', 'check the scenario, print what would happen, start nothing', false)
        .option('--allow-exec', 'let the scenario start programs that it names', false)
        .option('--workers <count>', 'processes that carry the clients', wholeNumber(1, 64))
        .option('--repeat <times>', 'run it so often, with seed, seed + 1 …, and show the spread', wholeNumber(1, 100)),
    load: async () => (await import('./run.js')).runRun,
    examples:
      'cluster-chat run smoke\ncluster-chat run failover --set cluster.nodes=5 --seed 4711\ncluster-chat run my.yaml --reporter junit=results.xml',
  }),
  defineCommand<ReportOptions>({
    usage: 'report [run]',
    summary: 'rebuild the reports of a run from its events; without a name, of the latest',
    group: test,
    declare: (command) =>
      command
        .option('--reporter <name[=file]>', 'as for run; may be repeated', gather, [])
        .addOption(jsonOption())
        .option('-q, --quiet', 'print the verdict only', false),
    load: async () => (await import('./report.js')).runReport,
    examples:
      'cluster-chat report\ncluster-chat report 20261124-050309-failover --reporter junit=results.xml\ncluster-chat report path/of/--out --json\n\nThe exit code is that of the verdict, as after the run.',
  }),
  defineCommand<CompareOptions>({
    usage: 'compare <run-a> <run-b>',
    summary: 'say what changed from one run to another, and whether it is more than chance',
    group: test,
    declare: (command) => command.addOption(jsonOption()),
    load: async () => (await import('./compare.js')).runCompare,
    examples:
      'cluster-chat run failover --repeat 5 --out before\ncluster-chat run failover --repeat 5 --out after\ncluster-chat compare before after\n\nExit codes: 0 nothing got worse, 1 something did, 3 the evidence of a run was cut.',
  }),
  defineCommand<DemoOptions>({
    usage: 'demo',
    summary: 'a short tour: messages lost, then not lost, then recovered',
    group: test,
    declare: (command) =>
      command.option('--seed <number>', 'replay the tour of that seed', wholeNumber(0, 4_294_967_295)),
    load: async () => (await import('./demo.js')).runDemo,
  }),
  defineCommand<ValidateOptions>({
    usage: 'validate <files...>',
    summary: 'check scenario files and list every mistake',
    group: write,
    load: async () => (await import('./validate.js')).runValidate,
  }),
  defineCommand<object>({
    usage: 'schema',
    summary: 'print the JSON Schema of a scenario, for editors',
    group: write,
    load: async () => (await import('./schema.js')).runSchema,
  }),
  defineCommand<InitOptions>({
    usage: 'init [dir]',
    summary: 'write a commented scenario, its schema and a CI job',
    group: write,
    load: async () => (await import('./init.js')).runInit,
  }),
];
