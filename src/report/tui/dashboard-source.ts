import type { EventLine, ProcessStatus, RunSnapshot } from '../../record/snapshot.js';

/** Everything the dashboard shows, at one moment. */
export interface DashboardState {
  readonly processes: readonly ProcessStatus[];
  /** Absent while a cluster is up without a run. */
  readonly run?: RunSnapshot | undefined;
  /** Oldest first. Only the last few hundred are looked at. */
  readonly events: readonly EventLine[];
  /** One sentence for the line above the keys. */
  readonly notice?: string | undefined;
}

/** Where the dashboard gets its states from. */
export interface DashboardSource {
  readonly title: string;
  /**
   * Calls `listener` with every new state, as often as it likes: the dashboard draws at most four a
   * second and always the last one. The returned function ends the subscription.
   */
  subscribe(listener: (state: DashboardState) => void): () => void;
}

type ProcessAction = (name: string) => Promise<void>;

/** What keys may do. An action that is absent has its key shown dim; a rejected one is shown as a notice. */
export interface DashboardActions {
  readonly kill?: ProcessAction | undefined;
  readonly pause?: ProcessAction | undefined;
  readonly unpause?: ProcessAction | undefined;
  readonly start?: ProcessAction | undefined;
  readonly stop?: ProcessAction | undefined;
  readonly restart?: ProcessAction | undefined;
  /** @param force true at the second request: end at once. The one that mounted the dashboard unmounts it. */
  quit(force: boolean): void;
}

/** The terminal to draw on. Its size is read from `stdout` at every draw. */
export interface DashboardTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** False when the user set `NO_COLOR`. */
  readonly color: boolean;
  /** False when the locale is not UTF-8. */
  readonly unicode: boolean;
}

/** A dashboard on the screen. */
export interface Dashboard {
  /** Settles when the dashboard has left the screen and the cursor is back; rejects when drawing failed. */
  readonly closed: Promise<void>;
  /** Takes the dashboard off the screen; may be called any number of times. */
  unmount(): void;
}
