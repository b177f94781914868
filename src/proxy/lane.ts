import type { Socket } from 'node:net';
import { nowMs } from '../core/clock.js';
import { resetSocket } from './link.js';
import type { Piece } from './piece.js';
import type { Direction, Pass, Toxic } from './toxic.js';

/** What one way holds at most before it stops to read; the sender then meets the back-pressure of a full line. */
const maxHeldBytes = 262_144;
const maxHeldPieces = 1_024;

interface Run {
  readonly toxic: Toxic;
  readonly pass: Pass;
  readonly lifted: AbortController;
}

export interface LaneOptions {
  readonly direction: Direction;
  readonly label: string;
  /** Resets both ends of the connection. */
  readonly reset: () => void;
}

/**
 * One way of a connection: what is read from one socket goes through the toxics, one after the other, and is written
 * to the other socket. Without toxics it is the same way, only shorter. No byte is lost or reordered but by a toxic
 * whose purpose that is.
 */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #options: LaneOptions;
  /** Never changed in place: a piece under way goes on through those that it met. */
  #runs: readonly Run[] = [];
  readonly #held: Piece[] = [];
  #heldBytes = 0;
  #isPumping = false;

  /** Starts to read at once. */
  constructor(from: Socket, to: Socket, toxics: Iterable<Toxic>, options: LaneOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    for (const toxic of toxics) this.add(toxic);
    from.on('data', (bytes: Buffer) => this.#take({ type: 'bytes', bytes, atMs: nowMs() }));
    from.on('end', () => this.#take({ type: 'end', atMs: nowMs() }));
    from.on('close', (hadError) => this.#onClosed(hadError));
    // A lost connection is noticed by its 'close'; without a listener the error would end the process.
    from.on('error', () => undefined);
    from.resume();
  }

  /** Does nothing when the toxic is not for this way. */
  add(toxic: Toxic): void {
    if (!toxic.directions.includes(this.#options.direction)) return;
    const lifted = new AbortController();
    const pass = toxic.begin({ ...this.#options, signal: lifted.signal });
    this.#runs = [...this.#runs, { toxic, pass, lifted }];
  }

  remove(toxic: Toxic): void {
    const lifted = this.#runs.filter((run) => run.toxic === toxic);
    this.#runs = this.#runs.filter((run) => run.toxic !== toxic);
    for (const run of lifted) run.lifted.abort();
  }

  /** For a connection that is gone: nothing waits any longer for what nobody will read. */
  close(): void {
    for (const { toxic } of this.#runs) this.remove(toxic);
  }

  #onClosed(hadError: boolean): void {
    if (!hadError && this.#from.readableEnded) return;
    // While paused, a socket may have read bytes that no 'data' event has carried yet.
    this.#from.removeAllListeners('data');
    const unread: Buffer | null = this.#from.read();
    if (unread !== null) this.#take({ type: 'bytes', bytes: unread, atMs: nowMs() });
    this.#take({ type: 'reset', atMs: nowMs() });
  }

  #take(piece: Piece): void {
    this.#held.push(piece);
    if (piece.type === 'bytes') this.#heldBytes += piece.bytes.length;
    if (this.#isFull) this.#from.pause();
    if (!this.#isPumping) void this.#pump();
  }

  get #isFull(): boolean {
    return this.#heldBytes >= maxHeldBytes || this.#held.length >= maxHeldPieces;
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    for (let piece = this.#held.shift(); piece !== undefined; piece = this.#held.shift()) {
      await this.#pass(piece, this.#runs, 0);
      if (piece.type === 'bytes') this.#heldBytes -= piece.bytes.length;
      if (!this.#isFull && this.#from.isPaused()) this.#from.resume();
    }
    this.#isPumping = false;
  }

  async #pass(piece: Piece, runs: readonly Run[], index: number): Promise<void> {
    const run = runs[index];
    if (run === undefined) await this.#write(piece);
    else await run.pass(piece, (next) => this.#pass(next, runs, index + 1));
  }

  async #write(piece: Piece): Promise<void> {
    const to = this.#to;
    if (piece.type === 'reset') resetSocket(to);
    if (!to.writable || piece.type === 'reset') return;
    if (piece.type === 'end') to.end();
    else if (!to.write(piece.bytes)) await drained(to);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
    if (socket.destroyed) done();
  });
}
