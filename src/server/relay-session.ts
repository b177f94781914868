import type { Relay } from '../broker/relay/relay.js';
import { VersionBridge } from '../broker/relay/version-bridge.js';
import type { StompLink } from '../broker/stomp-link.js';
import { type Frame, FrameHeaders } from '../stomp/frame.js';
import { ProtocolError } from '../stomp/protocol-error.js';
import { isExpressible } from './expressible.js';
import { disconnect } from './farewell.js';
import { RelayedFrames } from './relayed-frames.js';
import type { Session } from './session.js';
import type { Upstream } from './upstream.js';

/** Frames that came before the broker was there; the client is not read meanwhile, so this is what one chunk may hold. */
const maxHeldBytes = 1_048_576;
/** Unsent bytes on the way to the broker above which the client is not read. */
const maxUnsentBytes = 512 * 1024;

type State =
  | { readonly type: 'opening'; readonly held: Frame[] }
  | { readonly type: 'open'; readonly link: StompLink; readonly bridge: VersionBridge }
  /** DISCONNECT was sent; `done` when it was answered or will not be. */
  | { readonly type: 'leaving'; readonly link: StompLink; readonly bridge: VersionBridge; readonly done: () => void }
  | { readonly type: 'ended' };

/**
 * One session's broker connection, as in Spring's broker relay: the client's frames go to the broker, the
 * broker's to the client, in order and untouched but for the rules of their versions. Here, and in no
 * other place, a message reaches a client without the router.
 */
export class RelaySession implements Upstream {
  /** Whether the broker has confirmed the DISCONNECT. */
  hasLeft = false;
  readonly #session: Session;
  readonly #relay: Relay;
  readonly #connectHeaders: FrameHeaders;
  readonly #frames: RelayedFrames;
  readonly #opening = new AbortController();
  #state: State = { type: 'opening', held: [] };
  #heldBytes = 0;
  #isClientPaused = false;

  /** @param connectHeaders of the client's CONNECT */
  constructor(session: Session, relay: Relay, connectHeaders: FrameHeaders) {
    this.#session = session;
    this.#relay = relay;
    this.#connectHeaders = connectHeaders;
    this.#frames = new RelayedFrames(session);
  }

  get subscriptions(): number {
    return this.#frames.destinations.length;
  }

  destinations(): string[] {
    return this.#frames.destinations;
  }

  connect(connected: FrameHeaders): void {
    const { limits } = this.#session;
    const events = {
      frame: (frame: Frame) => this.#fromBroker(frame),
      drained: () => this.#brokerReads(),
      closed: () => this.#lost(),
    };
    this.#relay.open(this.#connectHeaders, limits.heartbeatMs, events, this.#opening.signal).then(
      (link) => this.#opened(link, connected),
      // Without the reason, which may name what is not a client's business.
      () => this.#failed('Broker not available.'),
    );
  }

  receive(frame: Frame): void {
    switch (this.#state.type) {
      case 'opening':
        return this.#hold(frame, this.#state.held);
      case 'open':
        return this.#toBroker(frame, this.#state.link, this.#state.bridge);
      case 'leaving':
      case 'ended':
        return;
    }
  }

  leave(timeoutMs: number): Promise<void> {
    if (this.#state.type !== 'open') {
      this.end();
      return Promise.resolve();
    }
    const { link, bridge } = this.#state;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#state = { type: 'leaving', link, bridge, done };
      link.send('DISCONNECT', FrameHeaders.of({ receipt: this.#leaveId }));
    });
  }

  end(): void {
    const state = this.#state;
    this.#state = { type: 'ended' };
    this.#opening.abort();
    // A peer that is not read cannot be seen closing.
    if (state.type === 'opening' || this.#isClientPaused) this.#session.resumeReading();
    if (state.type === 'leaving') state.done();
    if (state.type === 'open' || state.type === 'leaving') state.link.end();
  }

  get #leaveId(): string {
    return `leave-${this.#session.id}`;
  }

  #hold(frame: Frame, held: Frame[]): void {
    this.#heldBytes += frame.body.length;
    for (const [name, value] of frame.headers) this.#heldBytes += name.length + value.length;
    if (this.#heldBytes > maxHeldBytes) {
      return this.#session.fail({ message: 'Too much was sent before CONNECTED.', closeCode: 1009 });
    }
    held.push({ ...frame, body: Buffer.from(frame.body) });
  }

  #opened(link: StompLink, connected: FrameHeaders): void {
    if (this.#state.type !== 'opening') return link.end();
    const { held } = this.#state;
    const bridge = new VersionBridge(this.#session.version, link.version);
    this.#state = { type: 'open', link, bridge };
    const server = link.connected.get('server');
    const isTold = server !== undefined && isExpressible(server, '1.0');
    this.#session.connected(isTold ? new FrameHeaders([...[...connected].flat(), 'broker-server', server]) : connected);
    for (const frame of held) this.receive(frame);
  }

  #toBroker(frame: Frame, link: StompLink, bridge: VersionBridge): void {
    const session = this.#session;
    if (frame.command === 'DISCONNECT') {
      const receiptId = frame.headers.get('receipt');
      // What was asked for before is answered first; the RECEIPT leaves before the close [R03, R05].
      void disconnect(session, () => {
        if (this.hasLeft) session.receipt(receiptId);
      });
      return;
    }
    const relayed = this.#frames.toBroker(frame);
    if (relayed === undefined) return;
    try {
      const { command, headers, body } = bridge.toBroker(relayed);
      const { journal } = session.context;
      const accepted = command === 'SEND' ? journal?.accepted(body) : undefined;
      link.send(command, headers, body);
      // Whether the broker has it the client learns by the broker's own RECEIPT; the node has done its part.
      if (accepted !== undefined) journal?.passed(accepted);
      this.#frames.sent(frame, headers.get('id') ?? '');
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return session.fail({ message: `The broker cannot be told: ${error.message}.` });
    }
    if (link.unsentBytes <= maxUnsentBytes || this.#isClientPaused) return;
    this.#isClientPaused = true;
    session.pauseReading();
  }

  #brokerReads(): void {
    if (!this.#isClientPaused) return;
    this.#isClientPaused = false;
    this.#session.resumeReading();
  }

  #fromBroker(frame: Frame): void {
    const state = this.#state;
    if (state.type !== 'open' && state.type !== 'leaving') return;
    const session = this.#session;
    if (frame.command === 'RECEIPT' && frame.headers.get('receipt-id') === this.#leaveId) {
      this.hasLeft = true;
      if (state.type === 'leaving') state.done();
      return;
    }
    session.relayed(state.bridge.toClient(this.#frames.fromBroker(frame)));
    // After an ERROR a connection ends, also where the broker would carry on with what is left of it [X04].
    if (frame.command === 'ERROR') return session.end(1002, 'The broker reported an error.');
    if (session.hasRoom() || session.state.type === 'ended') return;
    // The broker keeps what the client has not read; who reads too little in the time allowed is cut all the same.
    state.link.pause();
    session.whenRoom(() => state.link.resume());
  }

  #lost(): void {
    if (this.#state.type === 'ended' || this.hasLeft) return;
    this.#failed('Connection to broker closed.');
  }

  /** In Spring's words. */
  #failed(message: string): void {
    if (this.#state.type === 'ended') return;
    this.#session.context.counters.relaysFailed++;
    this.#session.fail({ message, countedAs: 'nothing' });
  }
}
