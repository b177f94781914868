import type { ProcessStatus } from '../../record/snapshot.js';
import type { DashboardState } from './dashboard-source.js';
import type { KeyName } from './keys.js';
import type { SampleSeries } from './samples.js';

/** A sentence above the key line: what the last key did. */
export interface Notice {
  readonly level: 'info' | 'error';
  readonly text: string;
}

/** What is on the screen: the last state and what the user chose to see of it. */
export interface DashboardView {
  readonly title: string;
  readonly state: DashboardState;
  readonly samples: SampleSeries;
  /** Name of the chosen process. */
  readonly chosen: string | undefined;
  readonly frozen: boolean;
  readonly matrix: boolean;
  readonly help: boolean;
  readonly quitting: boolean;
  readonly notice: Notice | undefined;
  /** Keys that do something here; the others are shown dim. */
  readonly enabledKeys: ReadonlySet<KeyName>;
}

/** The chosen process, or the first one when the chosen one is gone. */
export function chosenProcess(view: DashboardView): ProcessStatus | undefined {
  const { processes } = view.state;
  return processes.find((process) => process.name === view.chosen) ?? processes[0];
}

/** The view with another process chosen, `step` rows further; stops at both ends. */
export function chooseBy(view: DashboardView, step: number): DashboardView {
  const { processes } = view.state;
  const current = processes.findIndex((process) => process.name === chosenProcess(view)?.name);
  const next = Math.min(processes.length - 1, Math.max(0, current + step));
  return { ...view, chosen: processes[next]?.name };
}
