import { join } from 'node:path';
import { AppError, messageOf, systemCodeOf } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import { clocksOf } from '../load/worker-clocks.js';
import { batchFromJson } from '../record/batch-json.js';
import { readWholeLines } from '../record/event-lines.js';
import type { FactBatch } from '../record/history.js';
import { journalFolderName } from '../record/journal-folder.js';
import { readJournals } from '../record/journal-reader.js';
import { createLatencyWindows, type LatencyWindow, type LatencyWindows } from '../record/latency-windows.js';
import { createLedger, type Ledger } from '../record/ledger.js';
import type { Result } from '../record/result.js';
import { eventsFile } from '../record/run-folder.js';
import { concludeRun, forgetSettled, settlementOf } from './conclude.js';
import { eventsSchema, type RecordLine } from './run-event.js';
import { newStory, type RunStory, tell } from './run-story.js';
import { settledPart } from './settled-part.js';

/** A run, judged again by what it wrote down. */
export interface Rebuilt {
  readonly result: Result;
  readonly windows: readonly LatencyWindow[];
  /** Whether the record ends before the run did. */
  readonly isCut: boolean;
}

/** Who is told what a record says, in its order, beside the story. */
interface Reader {
  facts(facts: FactBatch, story: RunStory): void;
  faultsComplete?(toMicros: number, story: RunStory): void;
}

/** Reads the events of a run. Their times are microseconds. */
class EventsReader {
  readonly story = newStory();
  readonly #path: string;
  #line = 0;
  /** Of the latest thing that was recorded. */
  lastAtMicros = Number.NEGATIVE_INFINITY;
  /** The first line that cannot be understood; nothing after it is believed. */
  damagedLine: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads to the end of the run, or of what is whole.
   * @param reader what it throws ends the reading as a damaged line does
   * @param beforeLine known to be damaged
   */
  async read(reader: Reader, beforeLine?: number): Promise<void> {
    try {
      for await (const text of readWholeLines(this.#path)) {
        if (++this.#line === beforeLine) break;
        if (!this.#take(text, reader) || this.story.endMicros !== undefined) break;
      }
    } catch (error) {
      throw error instanceof AppError ? error : unreadable(this.#path, error);
    }
    if (this.story.started === undefined) throw noEvents(this.#path, 'it is empty');
  }

  /** @returns false when the line is damaged */
  #take(text: string, reader: Reader): boolean {
    try {
      const line: RecordLine = JSON.parse(text);
      this.#requireSchema(line);
      if (line.type === 'facts') {
        const facts = batchFromJson(line);
        reader.facts(facts, this.story);
        this.#noteTime(latestOf(facts));
      } else if (line.type in knownEvents) {
        tell(this.story, line);
        if (line.type === 'faults-complete') reader.faultsComplete?.(line.toMicros, this.story);
        if ('atMicros' in line && line.type !== 'load-started') this.#noteTime(line.atMicros);
      }
      return true;
    } catch (error) {
      if (this.story.started === undefined) {
        throw error instanceof AppError ? error : noEvents(this.#path, 'its first line is no JSON');
      }
      this.damagedLine = this.#line;
      return false;
    }
  }

  #requireSchema(line: RecordLine): void {
    if (this.story.started !== undefined) return;
    const schema = line.type === 'run-started' ? String(line.schema) : undefined;
    if (schema === eventsSchema) return;
    throw noEvents(this.#path, schema === undefined ? 'it does not begin with a run' : `its schema is ${schema}`);
  }

  #noteTime(atMicros: number): void {
    if (atMicros > this.lastAtMicros) this.lastAtMicros = atMicros;
  }
}

/** Lines of other types are of a later version, which only adds. */
const knownEvents: Readonly<Record<Exclude<RecordLine['type'], 'facts'>, true>> = {
  ...{ 'run-started': true, 'system-ready': true, 'load-started': true, 'fault-injected': true, generator: true },
  ...{ noted: true, tick: true, 'threshold-crossed': true, 'stop-requested': true, 'evidence-cut': true },
  ...{ clocks: true, 'usage-measured': true, drained: true, 'journals-read': true, 'run-ended': true },
  ...{ 'faults-complete': true },
};

function latestOf({ sessions, publishes, settlements, arrivals }: FactBatch): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const { atMicros } of sessions) if (atMicros > latest) latest = atMicros;
  for (const column of [publishes.writtenAtMicros, settlements.atMicros, arrivals.atMicros]) {
    for (let row = 0; row < column.length; row++) if ((column[row] as number) > latest) latest = column[row] as number;
  }
  return latest;
}

/** A ledger that is filled from events; it begins when the story has told the plan. */
class Books implements Reader {
  #ledger: Ledger | undefined;
  #windows: LatencyWindows | undefined;

  facts(facts: FactBatch, story: RunStory): void {
    this.#open(story).add(facts);
  }

  /** As the run did: it may have been too long to remember it whole. */
  faultsComplete(toMicros: number, story: RunStory): void {
    forgetSettled(story, this.#open(story), toMicros);
  }

  /** Asks the journals that a killed run has left behind. */
  async hearNodes(story: RunStory, folder: string, endMicros: number): Promise<void> {
    const plan = story.system?.plan;
    if (plan === undefined) return;
    const sought = this.#open(story).seek(settlementOf(story, plan, endMicros));
    const testimony = await readJournals(join(folder, journalFolderName), plan.nodes, sought);
    tell(story, { type: 'journals-read', testimony });
  }

  conclude(story: RunStory, isCut: boolean): Rebuilt {
    const result = concludeRun(story, this.#open(story));
    return { result, windows: this.#windows?.read() ?? [], isCut };
  }

  #open(story: RunStory): Ledger {
    if (this.#ledger !== undefined) return this.#ledger;
    const { started, system } = story;
    if (started === undefined || system === undefined) throw new Error('facts before the plan');
    const { deadlineMs, durationMs } = started.scenario;
    const windows = createLatencyWindows(durationMs);
    this.#windows = windows;
    this.#ledger = createLedger(system.plan, {
      deadlineMs,
      clocks: clocksOf(toldOffsets(story, started.workers)),
      onDelivered: (intendedAtMicros, responseMicros) =>
        windows.add(intendedAtMicros - (story.loadStartMicros ?? intendedAtMicros), responseMicros),
    });
    return this.#ledger;
  }
}

/** The doubts of all workers as the story has them when they are asked for. */
function toldOffsets(story: RunStory, workers: number): { readonly doubtMicros: number }[] {
  return Array.from({ length: workers }, (_, worker) => ({
    get doubtMicros() {
      return story.doubtsMicros[worker] ?? 0;
    },
  }));
}

/**
 * The result of a run from its events. That of a run which came to its end is the one that it wrote itself, field by
 * field. That of a run which did not is inconclusive, and counts the messages whose deadline had passed when the record
 * ends: of younger ones nobody can say what became of them.
 * @param folder of the run
 * @throws AppError `not-found` without events, `results-unreadable` when they are not to be used
 */
export async function rebuildRun(folder: string): Promise<Rebuilt> {
  const path = join(folder, eventsFile);
  const [whole, books] = [new EventsReader(path), new Books()];
  await whole.read(books);
  if (whole.story.endMicros === undefined) return rebuildCut(folder, whole);
  return books.conclude(whole.story, false);
}

async function rebuildCut(folder: string, whole: EventsReader): Promise<Rebuilt> {
  const path = join(folder, eventsFile);
  const { story, lastAtMicros, damagedLine } = whole;
  if (story.started === undefined || story.system === undefined || story.loadStartMicros === undefined) {
    throw new AppError('results-unreadable', `The run in ${path} ended before its load began.`, {
      hint: 'There is nothing to report; the logs beside it may say why it ended.',
    });
  }
  const endMicros = Math.max(lastAtMicros, story.loadStartMicros);
  const part = settledPart(endMicros - story.started.scenario.deadlineMs * 1000);
  await new EventsReader(path).read({ facts: (facts) => part.see(facts) }, damagedLine);
  const books = new Books();
  const reduced: Reader = {
    facts: (facts, before) => books.facts(part.reduce(facts), before),
    faultsComplete: (toMicros, before) => books.faultsComplete(toMicros, before),
  };
  await new EventsReader(path).read(reduced, damagedLine);
  await books.hearNodes(story, folder, endMicros);
  tell(story, { type: 'run-ended', atMicros: endMicros });
  tell(story, { type: 'evidence-cut', because: whyCut(whole, (endMicros - story.loadStartMicros) / 1000) });
  return books.conclude(story, true);
}

function whyCut({ story, damagedLine }: EventsReader, intoLoadMs: number): string {
  const before = story.cutBecause === undefined ? '' : `${story.cutBecause} And `;
  const where = `${formatDuration(intoLoadMs)} after the start of the load`;
  const why = damagedLine === undefined ? 'before the run did' : `because line ${damagedLine} is damaged`;
  const youngest = formatDuration(story.started?.scenario.deadlineMs ?? 0);
  return `${before}the record ends ${where}, ${why}; messages of its last ${youngest} are not counted`;
}

function unreadable(path: string, error: unknown): AppError {
  if (systemCodeOf(error) !== 'ENOENT' && systemCodeOf(error) !== 'ENOTDIR') {
    return new AppError('results-unreadable', `${path} cannot be read: ${messageOf(error)}.`, {
      hint: 'Only the user who ran it may read it.',
      cause: error,
    });
  }
  return new AppError('not-found', `There are no events at ${path}.`, {
    hint: 'Name the folder of a run: one under .cluster-chat/runs, or what --out named.',
  });
}

function noEvents(path: string, why: string): AppError {
  return new AppError('results-unreadable', `${path} holds no events that this version reads: ${why}.`, {
    hint: `They must begin with a line of the schema ${eventsSchema}; use the version that wrote them.`,
  });
}
