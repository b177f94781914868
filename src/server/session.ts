import { nowMs } from '../core/clock.js';
import { unreachable } from '../core/errors.js';
import { encodeFrame } from '../stomp/encoder.js';
import { type Frame, FrameHeaders, noBody, type StompVersion } from '../stomp/frame.js';
import { type HeartbeatPlan, heartbeatBytes } from '../stomp/heartbeat.js';
import { ProtocolError } from '../stomp/protocol-error.js';
import { closeReason } from './close-reason.js';
import { encodeExpressible } from './expressible.js';
import { encodeError, type Failure } from './failure.js';
import { Inbox } from './inbox.js';
import type { ServerLimits } from './limits.js';
import { OpenRequests } from './open-requests.js';
import { Outbox } from './outbox.js';
import { type Outgoing, wholeFrame } from './outgoing.js';
import type { QueueSubscription } from './queue-subscription.js';
import type { ServerContext } from './server-context.js';
import type { SessionState } from './session-state.js';
import { silenceOf, timedOut } from './silence.js';
import type { Subscription } from './subscription.js';
import type { Transaction } from './transaction.js';
import type { Transport } from './transport.js';
import type { Upstream } from './upstream.js';

const heartbeat = wholeFrame(heartbeatBytes);
const noHeartbeats: HeartbeatPlan = { sendEveryMs: 0, expectEveryMs: 0 };

/** One client connection, from its first byte to its last. */
export class Session {
  readonly id: string;
  readonly context: ServerContext;
  readonly transport: Transport;
  readonly openedAtMs = nowMs();
  version: StompVersion = '1.2';
  /** Whose private destinations are `/user/queue/…`: as `userOf` decides at CONNECT; until then this session alone. */
  user: string;
  /** By id; a 1.0 client may leave it out, then by destination. */
  subscriptions: Map<string, Subscription | QueueSubscription> | undefined;
  transactions: Map<string, Transaction> | undefined;
  readonly requests = new OpenRequests();
  /** The session's own broker connection; only where the node relays. */
  upstream: Upstream | undefined;
  #state: SessionState = { type: 'awaiting-connect' };
  #heartbeats = noHeartbeats;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  /** In the node's journal. */
  readonly #number: number;
  #ackNumber = 0;

  constructor(id: string, transport: Transport, context: ServerContext) {
    this.id = id;
    this.user = id;
    this.transport = transport;
    this.context = context;
    this.#number = context.journal?.opened(id) ?? 0;
    this.#outbox = new Outbox(transport, context.journal, this.#number);
    this.#inbox = new Inbox(transport, context, (frame) => this.#receive(frame));
  }

  get state(): SessionState {
    return this.#state;
  }

  get limits(): ServerLimits {
    return this.context.limits;
  }

  get unsentBytes(): number {
    return this.#outbox.unsentBytes;
  }

  nextAckNumber(): number {
    return ++this.#ackNumber;
  }

  /** Bytes from the peer. */
  data(chunk: Buffer): void {
    const state = this.#state.type;
    if (state === 'leaving' || state === 'ended') return;
    try {
      this.#inbox.read(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.fail({ message: `The frame cannot be read: ${error.message}.`, closeCode: error.closeCode });
    }
  }

  #receive(frame: Frame): void {
    this.context.counters.framesReceived++;
    this.context.handleFrame(this, frame);
  }

  /** Becomes connected: from now on the version's rules and the full limits hold. */
  connect(version: StompVersion, heartbeats: HeartbeatPlan, connected: FrameHeaders): void {
    this.version = version;
    this.#heartbeats = heartbeats;
    this.#inbox.admit(version, this.limits);
    if (this.upstream === undefined) return this.connected(connected);
    this.#state = { type: 'connecting' };
    this.pauseReading();
    this.upstream.connect(connected);
  }

  /** Tells the client that it is connected. */
  connected(headers: FrameHeaders): void {
    if (this.#state.type === 'connecting') this.resumeReading();
    this.#state = { type: 'connected' };
    this.send('CONNECTED', headers);
  }

  /** What it listens to, as it named it. */
  destinations(): string[] {
    if (this.upstream !== undefined) return this.upstream.destinations();
    return [...(this.subscriptions?.values() ?? [])].map((subscription) => subscription.shownDestination);
  }

  send(command: string, headers: FrameHeaders, body = noBody): void {
    if (this.#state.type === 'ended') return;
    this.#push(wholeFrame(encodeFrame({ command, headers, body }, this.version)));
  }

  /** Sends a MESSAGE that was encoded for this session's version. */
  deliver(message: Outgoing): void {
    if (this.#state.type === 'ended') return;
    this.context.counters.deliveries++;
    this.#push(message);
  }

  /** Sends a broker's own frame, without the headers that this session's version cannot express. */
  relayed(frame: Frame): void {
    if (this.#state.type === 'ended') return;
    const onDropped = () => this.context.counters.headersDropped++;
    const outgoing = wholeFrame(encodeExpressible(frame, this.version, onDropped));
    if (frame.command === 'MESSAGE') {
      this.context.counters.deliveries++;
      const message = this.context.journal?.brought(frame.body, this.#number);
      if (message !== undefined) outgoing.tail.message = message;
    }
    this.#push(outgoing);
  }

  /** Answers a frame that asked for it; an empty call where it did not [R01]. */
  receipt(receiptId: string | undefined, more: Readonly<Record<string, string>> = {}): void {
    if (receiptId !== undefined) this.send('RECEIPT', FrameHeaders.of({ 'receipt-id': receiptId, ...more }));
  }

  /** Whether more may be written that can also wait: the outbox is at most half full. */
  hasRoom(): boolean {
    return this.#outbox.unsentBytes <= this.limits.maxUnsentBytes / 2;
  }

  /** Calls back once when there may be room again, or the session ends. */
  whenRoom(resume: () => void): void {
    this.#outbox.whenRoom(resume);
  }

  /** Ends the session with an ERROR, flushed before the close [X01, X04]. */
  fail(failure: Failure): void {
    if (this.#state.type === 'ended') return;
    if (failure.countedAs !== 'nothing') this.context.counters[failure.countedAs ?? 'protocolErrors']++;
    this.#push(wholeFrame(encodeError(failure, this.version)));
    this.end(failure.closeCode ?? 1002, failure.message);
  }

  /** Takes nothing more from the client, and goes on to send. @returns false when it was so already */
  beginToLeave(): boolean {
    if (this.#state.type === 'leaving' || this.#state.type === 'ended') return false;
    this.#state = { type: 'leaving' };
    this.#inbox.stop();
    return true;
  }

  /** Hands what waits to the socket now and not at the end of the turn. */
  flush(): void {
    this.#outbox.flush();
  }

  /** Closes without further words. */
  end(code: number, reason: string): void {
    if (this.#state.type === 'ended') return;
    this.#outbox.flush();
    this.context.journal?.ended(this.#number, code);
    this.#state = { type: 'ended' };
    this.#inbox.stop();
    this.upstream?.end();
    this.forget();
    this.transport.close(code, closeReason(reason));
  }

  /** The connection is gone, for whatever reason. Requests that were accepted go on [R04]. */
  closed(): void {
    if (this.#state.type !== 'ended') this.context.journal?.ended(this.#number, 1006);
    this.#state = { type: 'ended' };
    this.upstream?.end();
    this.forget();
    this.context.sessionClosed(this);
  }

  /** The peer broke the rules beneath STOMP; its transport closes by itself. */
  faulted(): void {
    this.context.counters.protocolErrors++;
  }

  drained(): void {
    this.#outbox.resume();
  }

  /** Looks after time: heart-beats, silent peers, strangers, slow readers. Called a few times a second. */
  sweep(now: number): void {
    const { limits } = this;
    const state = this.#state.type;
    switch (state) {
      case 'awaiting-connect':
        if (now - this.openedAtMs > limits.connectTimeoutMs) {
          this.fail(timedOut(`No CONNECT within ${limits.connectTimeoutMs} ms.`, 1008));
        }
        return;
      case 'connected':
        return this.#sweepConnected(now);
      case 'leaving':
        return this.beat(now);
      case 'connecting':
        return;
      case 'ended':
        // A peer that never reads keeps the close from finishing; it has had its time.
        if (this.#outbox.unsentMs(now) > limits.closeTimeoutMs) this.transport.destroy();
        return;
      default:
        unreachable(state);
    }
  }

  /** Takes nothing from the client until `resumeReading`; meanwhile its silence means nothing. */
  pauseReading(): void {
    this.#inbox.pause();
  }

  resumeReading(): void {
    this.#inbox.resume();
  }

  /** A new second: the peer may send its frames again. */
  refillFrames(): void {
    this.#inbox.refill();
  }

  #sweepConnected(now: number): void {
    const silence = silenceOf(this.#inbox, now, this.#heartbeats, this.limits);
    if (silence !== undefined) return this.fail(silence);
    // In bytes too: what ws answers to a flood of pings does not pass through #push.
    if (this.unsentBytes > this.limits.maxUnsentBytes || this.#outbox.unsentMs(now) > this.limits.maxUnsentMs) {
      return this.#tooSlow();
    }
    // 'drain' is not told of writes so small that the socket never called itself full.
    if (this.hasRoom()) this.drained();
    this.beat(now);
  }

  /** Sends a heart-beat that is due, early by the sweep's own interval, so that it is never late [H04]. */
  beat(now: number): void {
    const { sendEveryMs } = this.#heartbeats;
    const isBeating = this.#state.type === 'connected' || this.#state.type === 'leaving';
    if (!isBeating || sendEveryMs === 0) return;
    if (now - this.#outbox.lastWriteMs >= sendEveryMs - this.context.sweepEveryMs * 2) this.#push(heartbeat);
  }

  #push(frame: Outgoing): void {
    this.#outbox.push(frame);
    if (this.#outbox.unsentBytes <= this.limits.maxUnsentBytes) return;
    // What has only waited for the end of this turn is not the peer's fault: let the kernel take it first.
    this.#outbox.flush();
    if (this.#outbox.unsentBytes > this.limits.maxUnsentBytes) this.#tooSlow();
  }

  /** The peer does not read: an ERROR would only wait behind everything else, so there is none. */
  #tooSlow(): void {
    if (this.#state.type === 'ended') return;
    this.context.counters.slowConsumers++;
    this.end(4500, 'The client does not read fast enough.');
  }

  /** Ends the subscriptions of a kind, or all. */
  unsubscribe(type?: 'queue'): void {
    for (const [key, subscription] of this.subscriptions ?? []) {
      if (type !== undefined && subscription.type !== type) continue;
      this.subscriptions?.delete(key);
      subscription.end();
      this.context.router.leave(subscription);
    }
    // A replay that waits for room must notice that nobody wants the rest.
    this.drained();
  }

  /** Subscriptions end with the session, and open transactions are aborted [T05]. */
  forget(): void {
    this.unsubscribe();
    this.subscriptions = undefined;
    this.transactions = undefined;
  }
}
