/**
 * The brokers, one row each. `service` is the server that the row needs, started once for all its runs; `address` is
 * what `cluster.broker` of the scenario says. `hasLink: false`: there is nothing between node and broker to be cut.
 */
export const rows = [
  { name: 'simple', address: () => 'simple', hasLink: false },
  { name: 'embedded', address: () => 'embedded' },
  { name: 'redis', service: 'redis', address: ({ redis }) => redis.url },
  { name: 'amqp', service: 'rabbitmq', address: ({ rabbitmq }) => rabbitmq.amqpUrl },
  { name: 'stomp per session', service: 'rabbitmq', address: ({ rabbitmq }) => stompUrl(rabbitmq, 'per-session') },
  { name: 'stomp shared', service: 'rabbitmq', address: ({ rabbitmq }) => stompUrl(rabbitmq, 'shared') },
];

function stompUrl({ login, passcode, stompPort }, connections) {
  return `stomp://${login}:${passcode}@127.0.0.1:${stompPort}?connections=${connections}`;
}

/**
 * The faults, one column each: the steps of the scenario, which node is meant, and what must be seen of it.
 * `dropsClients`: it cannot happen without taking connections of clients with it. `needsLink`: it is done to the link to
 * the broker; `isCut`: and breaks it. `isExtra`: only with `--all`, or when it is named.
 */
export const faults = [
  {
    name: 'node SIGKILL',
    steps: (node) => [
      { at: '2s', kill: node },
      { at: '4s', start: node },
    ],
    dropsClients: true,
  },
  { name: 'node drain', steps: (node) => [{ at: '2s', restart: node }], dropsClients: true },
  // Longer than clients take to notice silence: twice their heart-beat and a second.
  { name: 'node hang', steps: (node) => [{ at: '2s', pause: node, for: '3s' }], dropsClients: true },
  // As long, and both sides find out by themselves: nobody sends a FIN.
  { name: 'half-open', isExtra: true, steps: (node) => [{ at: '2s', blackhole: node, for: '4s' }], dropsClients: true },
  { name: 'reset', isExtra: true, steps: (node) => [{ at: '2s', reset: node }], dropsClients: true },
  {
    name: 'broker cut',
    steps: () => [{ at: '2s', cut: 'broker', for: '2s' }],
    dropsClients: false,
    needsLink: true,
    isCut: true,
  },
  {
    name: 'broker half-open',
    isExtra: true,
    steps: (node) => [{ at: '2s', blackhole: node, on: 'broker', for: '3s' }],
    dropsClients: false,
    needsLink: true,
    isCut: true,
  },
  {
    name: 'broker reset',
    isExtra: true,
    steps: (node) => [{ at: '2s', reset: node, on: 'broker' }],
    dropsClients: false,
    needsLink: true,
    isCut: true,
  },
  // Slower than everything else by far: what comes is in order, and nothing of it is lost.
  {
    name: 'broker slow',
    isExtra: true,
    steps: (node) => [{ at: '2s', latency: node, on: 'broker', delay: '300ms', jitter: '200ms', for: '3s' }],
    dropsClients: false,
    needsLink: true,
  },
];
