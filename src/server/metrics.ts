/** What a node has counted since it started; `/metrics` prints it. */
export interface NodeCounters {
  connections: number;
  refusedConnections: number;
  framesReceived: number;
  published: number;
  publishesRefused: number;
  deliveries: number;
  redeliveries: number;
  slowConsumers: number;
  protocolErrors: number;
  timedOut: number;
  badRequests: number;
  recovered: number;
  notRecovered: number;
  brokerGaps: number;
  relaysFailed: number;
  /** Headers left out because the subscriber's version of STOMP cannot express them. */
  headersDropped: number;
}

export function createCounters(): NodeCounters {
  return {
    connections: 0,
    refusedConnections: 0,
    framesReceived: 0,
    published: 0,
    publishesRefused: 0,
    deliveries: 0,
    redeliveries: 0,
    slowConsumers: 0,
    protocolErrors: 0,
    timedOut: 0,
    badRequests: 0,
    recovered: 0,
    notRecovered: 0,
    brokerGaps: 0,
    relaysFailed: 0,
    headersDropped: 0,
  };
}

const meanings: Readonly<Record<keyof NodeCounters, readonly [name: string, help: string]>> = {
  connections: ['connections_total', 'Connections accepted.'],
  refusedConnections: [
    'refused_connections_total',
    'Connections refused by a limit or the Origin check, or because they were no handshake.',
  ],
  framesReceived: ['frames_received_total', 'STOMP frames received.'],
  published: ['published_total', 'Messages that the broker confirmed.'],
  publishesRefused: ['publishes_refused_total', 'Messages answered with an ERROR.'],
  deliveries: ['deliveries_total', 'MESSAGE frames put into outboxes.'],
  redeliveries: ['redeliveries_total', 'Messages of queues delivered again after a NACK or a lost consumer.'],
  slowConsumers: ['slow_consumers_total', 'Sessions closed because they did not read.'],
  protocolErrors: ['protocol_errors_total', 'Sessions closed after a protocol fault.'],
  timedOut: ['timed_out_total', 'Connections closed because their peer was silent or sent too slowly.'],
  badRequests: ['bad_requests_total', 'HTTP requests that could not be read.'],
  recovered: ['recovered_total', 'Subscriptions that got all they had missed.'],
  notRecovered: ['not_recovered_total', 'Subscriptions that asked for what they had missed and could not get it.'],
  brokerGaps: ['broker_gaps_total', 'Destinations on which the broker lost messages for this node.'],
  relaysFailed: ['relays_failed_total', 'Broker connections of single sessions that could not be opened or were lost.'],
  headersDropped: ['headers_dropped_total', 'Headers that a subscriber of an older version cannot be sent.'],
};

/** Values that are read when asked for, not counted. */
export interface NodeGauges {
  readonly sessions: number;
  readonly subscriptions: number;
  readonly destinations: number;
  readonly unsentBytes: number;
  readonly rssBytes: number;
  readonly loopDelayMs: number;
  readonly ready: number;
}

const gaugeMeanings: Readonly<Record<keyof NodeGauges, readonly [name: string, help: string, scale: number]>> = {
  sessions: ['sessions', 'Open STOMP sessions.', 1],
  subscriptions: ['subscriptions', 'Subscriptions of all sessions.', 1],
  destinations: ['destinations', 'Destinations with at least one subscriber here.', 1],
  unsentBytes: ['unsent_bytes', 'Bytes that wait for slow peers.', 1],
  rssBytes: ['resident_memory_bytes', 'Resident memory of the process.', 1],
  loopDelayMs: ['loop_delay_seconds', '99th percentile of the event loop delay since the last health request.', 0.001],
  ready: ['ready', '1 when the node is ready for clients.', 1],
};

/** One metric and its value now; the name without the prefix that all have. */
export interface Sample {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly value: number;
}

/**
 * The Prometheus text format, version 0.0.4; the node's name is the only label.
 * @param more metrics that not every server has
 */
export function formatMetrics(
  node: string,
  counters: NodeCounters,
  gauges: NodeGauges,
  more: readonly Sample[] = [],
): string {
  const label = `{node="${node.replace(/[\\"]/g, '\\$&')}"}`;
  const lines: string[] = [];
  const add = (name: string, help: string, type: string, value: number) => {
    const metric = `cluster_chat_${name}`;
    lines.push(`# HELP ${metric} ${help}`, `# TYPE ${metric} ${type}`, `${metric}${label} ${value}`);
  };
  for (const [key, [name, help]] of Object.entries(meanings))
    add(name, help, 'counter', counters[key as keyof NodeCounters]);
  for (const [key, [name, help, scale]] of Object.entries(gaugeMeanings)) {
    add(name, help, 'gauge', gauges[key as keyof NodeGauges] * scale);
  }
  for (const { name, help, type, value } of more) add(name, help, type, value);
  return `${lines.join('\n')}\n`;
}
