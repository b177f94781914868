import { PassThrough, Writable } from 'node:stream';
import { type CommandContext, createContext, type EndSignal } from '../../src/commands/context.js';

export interface FakeContext {
  readonly context: CommandContext;
  /** What was written so far. */
  stdout(): string;
  stderr(): string;
  /** Sends a signal to the command. */
  signal(name: EndSignal): void;
}

/** A context of streams and values that belong to the test alone. */
export function createFakeContext(options: { cwd?: string; stdout?: Writable } = {}): FakeContext {
  const out = capture();
  const err = capture();
  const listeners = new Set<(signal: EndSignal) => void>();
  const context = createContext({
    args: [],
    env: {},
    cwd: options.cwd ?? '/',
    stdin: new PassThrough(),
    stdout: options.stdout ?? out.stream,
    stderr: err.stream,
    isTTY: false,
    columns: 80,
    rows: 24,
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  return {
    context,
    stdout: out.text,
    stderr: err.text,
    signal: (name) => {
      for (const listener of listeners) listener(name);
    },
  };
}

function capture(): { readonly stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, callback) {
      chunks.push(chunk.toString());
      callback();
    },
  });
  return { stream, text: () => chunks.join('') };
}
