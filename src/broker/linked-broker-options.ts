import type { Guarantees } from './broker.js';
import type { BrokerLink, LinkEvents } from './broker-link.js';

/** How patient a node is with a broker on a server. */
export interface BrokerPatience {
  /** How long a publish, a new interest or a request for what was missed may wait before it is refused; 10 s by default. */
  readonly maxWaitMs?: number | undefined;
}

export interface LinkedBrokerOptions extends BrokerPatience {
  readonly kind: string;
  readonly guarantees: Guarantees;
  /** The server's address, fit for output. */
  readonly shown: string;
  /** Rejects with a `LinkFailure` when the server is not there within the connect timeout, or is not what it should be. */
  readonly openLink: (events: LinkEvents) => Promise<BrokerLink>;
}
