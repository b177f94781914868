import type { Frame } from '../stomp/frame.js';
import type { CodecLimits } from '../stomp/limits.js';
import type { Journal } from './journal.js';
import type { ServerLimits } from './limits.js';
import type { NodeCounters } from './metrics.js';
import type { Router } from './router.js';
import type { Session } from './session.js';

/** What every session of a server shares. */
export interface ServerContext {
  /** The node's name, told in CONNECTED so that a client knows where it landed. */
  readonly name: string;
  /** `cluster-chat/<version>`, the `server` header [C06]. */
  readonly serverHeader: string;
  readonly limits: ServerLimits;
  /** What is accepted before CONNECT. */
  readonly connectLimits: CodecLimits;
  readonly router: Router;
  readonly counters: NodeCounters;
  /** Of what happens to a run's messages; only where somebody wants one. */
  readonly journal: Journal | undefined;
  readonly sweepEveryMs: number;
  /**
   * Behind a run secret the peers are our own nodes: they name their messages themselves, so that a
   * repeated publish is known, and those names are kept. Their destinations are the broker's already, and
   * what the broker refuses is answered without ending the connection that thousands share.
   */
  readonly trustsMessageIds: boolean;
  /** What is done with the frames of all sessions: carried out here, or relayed. */
  handleFrame(session: Session, frame: Frame): void;
  /** Whether the pair may connect [C07]. */
  authenticate(login: string | undefined, passcode: string | undefined): boolean;
  /** A name for a message that is new in the cluster: `<origin>:<n>`. */
  nextMessageId(): string;
  /** Whether all sessions together wait with too many unsent bytes. */
  isOverloaded(): boolean;
  sessionClosed(session: Session): void;
}
