/**
 * The IPC channel to the process that started this one. A piece that has one is a child: it ends when its parent is
 * gone, however that happened. A process entry file, hence the use of `process`.
 */
export interface Lifeline {
  /** Whether there is a parent at the other end. */
  readonly isChild: boolean;
  /** Called once, also when the parent was lost before. */
  onLost(listener: () => void): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Dropped when the parent is gone. */
  send(message: unknown): void;
  /** Ends this process as if it were killed from outside: no handler runs, nothing is written any more. */
  die(): never;
}

export function processLifeline(): Lifeline {
  return {
    isChild: process.send !== undefined,
    onLost: (listener) => {
      // A parent that died while this process was starting is gone already: nobody will say so again.
      if (process.send !== undefined && !process.connected) queueMicrotask(listener);
      else process.once('disconnect', listener);
    },
    onMessage: (listener) => process.on('message', listener),
    send: (message) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => {});
    },
    die: () => {
      process.kill(process.pid, 'SIGKILL');
      // The signal may reach another thread first; this one must not get any further meanwhile.
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  };
}
