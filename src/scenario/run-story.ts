import { unreachable } from '../core/errors.js';
import type { Injection } from '../faults/fault.js';
import { UsageBook } from '../record/process-usage.js';
import type { Generator } from '../record/result.js';
import type { Testimony } from '../record/testimony.js';
import type { RunEvent } from './run-event.js';

type Event<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

/** What the events of a run say so far. A run and its rebuilding tell the same story by the same function. */
export interface RunStory {
  started: Event<'run-started'> | undefined;
  system: Event<'system-ready'> | undefined;
  loadStartMicros: number | undefined;
  readonly injections: Injection[];
  generator: Generator;
  /** From the beginning of the run on. */
  usage: UsageBook | undefined;
  crossed: Event<'threshold-crossed'> | undefined;
  isStopped: boolean;
  cutBecause: string | undefined;
  isDrained: boolean;
  testimony: Testimony | undefined;
  /** By worker; none is in doubt until it is said. */
  doubtsMicros: readonly number[];
  endMicros: number | undefined;
}

/** A story of which nothing was told yet. */
export function newStory(): RunStory {
  return {
    started: undefined,
    system: undefined,
    loadStartMicros: undefined,
    injections: [],
    generator: { loopDelayP99Ms: 0, utilisation: 0, saturated: false, droppedSends: 0 },
    usage: undefined,
    crossed: undefined,
    isStopped: false,
    cutBecause: undefined,
    isDrained: false,
    testimony: undefined,
    doubtsMicros: [],
    endMicros: undefined,
  };
}

/** Goes on with the story by one event. */
export function tell(story: RunStory, event: RunEvent): void {
  switch (event.type) {
    case 'run-started':
      story.started = event;
      story.usage = new UsageBook(event.scenario.durationMs);
      return;
    case 'system-ready':
      story.system = event;
      return;
    case 'load-started':
      story.loadStartMicros = event.atMicros;
      return;
    case 'fault-injected':
      story.injections.push(event.injection);
      return;
    case 'generator':
      story.generator = event.generator;
      return;
    case 'usage-measured':
      story.usage?.add(event.atMicros, event.processes);
      return;
    case 'threshold-crossed':
      story.crossed ??= event;
      return;
    case 'stop-requested':
      story.isStopped = true;
      return;
    case 'evidence-cut':
      story.cutBecause = event.because;
      return;
    case 'drained':
      story.isDrained = event.complete;
      return;
    case 'clocks':
      story.doubtsMicros = event.doubtsMicros;
      return;
    case 'journals-read':
      story.testimony = event.testimony;
      return;
    case 'run-ended':
      story.endMicros = event.atMicros;
      return;
    case 'noted':
    case 'tick':
    case 'faults-complete':
      return;
    default:
      unreachable(event);
  }
}
