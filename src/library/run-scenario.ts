import { join, resolve } from 'node:path';
import { AppError } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import { shellWord } from '../core/shell-word.js';
import type { Result } from '../record/result.js';
import { RunFolder } from '../record/run-folder.js';
import type { EventLine } from '../record/snapshot.js';
import { recordLost, reportLost, unwritable } from '../record/unwritable.js';
import { formatJson } from '../report/json.js';
import { type PreparedRun, prepareRun } from '../scenario/prepare.js';
import { resultFile } from '../scenario/read-run.js';
import { runScenario as perform } from '../scenario/runner.js';
import { readScenario } from '../scenario/source.js';
import { aboutCaller, callersEnvironment, callersFolder } from './surroundings.js';

/** How a scenario is run from a program. */
export interface RunScenarioOptions {
  /** Ends everything at once; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Told what happens, as `cluster-chat run` prints it. */
  readonly onEvent?: (line: EventLine) => void;
  /** In place of the scenario's own, or of a random one. */
  readonly seed?: number;
  /** Changes to the scenario, each `path=value`, as `--set` takes them. */
  readonly set?: readonly string[];
  /** Processes that carry the clients; about one per core unless told otherwise. */
  readonly workers?: number;
  /** A folder for `events.ndjson`, `result.json` and logs; nothing is kept without. It must hold no other run. A disk that is full is an event. */
  readonly out?: string;
  /** Lets the scenario start programs that it names. */
  readonly allowExec?: boolean;
  /** The environment of the processes; that of this process unless told otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a scenario in processes of its own and judges it. Resolves with the result whatever the verdict is. Writes to
 * no stream, sets no signal handler, and leaves no process behind.
 * @param scenario a file, the name of a built-in scenario, or what such a file holds as an object
 * @throws AppError for what keeps a run from being judged: `scenario-invalid`, `broker-unreachable`, `timeout` …; its
 * `hint` is the cure
 */
export async function runScenario(scenario: string | object, options: RunScenarioOptions = {}): Promise<Result> {
  const source =
    typeof scenario === 'string'
      ? await readScenario(scenario, callersFolder())
      : { file: 'the scenario', text: JSON.stringify(scenario, undefined, 2) };
  const { set = [], seed, workers } = options;
  const run = prepareRun(source, { set, seed, workers });
  await using folder = options.out === undefined ? undefined : await openFolder(options.out);
  let lastMs = 0;
  const onEvent = (line: EventLine): void => {
    lastMs = line.atMs;
    options.onEvent?.(line);
  };
  // A disk that takes no more costs the files, never the verdict.
  const lost = ({ message, hint }: AppError): void =>
    onEvent({ atMs: lastMs, level: 'error', text: [message, hint].join(' ').trimEnd() });
  folder?.onFailure((error) => lost(recordLost(folder.path, error)));
  const result = await performWithin(run, folder, { ...options, onEvent });
  if (folder === undefined) return result;
  await folder.close();
  const again = folder.isWhole ? `cluster-chat report ${shellWord(folder.path)} --reporter json` : undefined;
  await folder
    .keep(resultFile, formatJson(result))
    .catch((error) => lost(reportLost(join(folder.path, resultFile), error, again)));
  return result;
}

/** The scenario's own time limit ends a run that the caller's signal does not. */
async function performWithin(
  { scenario, file, seed, workers }: PreparedRun,
  folder: RunFolder | undefined,
  options: RunScenarioOptions & Required<Pick<RunScenarioOptions, 'onEvent'>>,
): Promise<Result> {
  options.signal?.throwIfAborted();
  const abort = new AbortController();
  const forward = (): void => abort.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', forward, { once: true });
  const { timeoutMs } = scenario;
  const limit = setTimeout(() => {
    abort.abort(new AppError('timeout', `The run was ended after its time limit of ${formatDuration(timeoutMs)}.`));
  }, timeoutMs);
  try {
    return await perform(scenario, {
      ...{ seed, workers, folder, env: options.env ?? callersEnvironment(), isExecAllowed: options.allowExec === true },
      about: aboutCaller({ scenario: file, command: `runScenario(…, { seed: ${seed} })` }),
      stop: new AbortController().signal,
      abort: abort.signal,
      onEvent: options.onEvent,
    });
  } finally {
    clearTimeout(limit);
    options.signal?.removeEventListener('abort', forward);
  }
}

async function openFolder(out: string): Promise<RunFolder> {
  const path = resolve(callersFolder(), out);
  return RunFolder.create(path).catch((error) => {
    throw unwritable(path, error);
  });
}
