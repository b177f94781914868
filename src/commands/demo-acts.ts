import { formatCount } from '../core/quantity.js';
import type { Result } from '../record/result.js';

/** One act of the tour: a built-in scenario, shortened, and what it is to show. */
export interface DemoAct {
  readonly title: string;
  readonly caption: readonly string[];
  readonly scenario: string;
  /** Values of `--set`. */
  readonly set: readonly string[];
  /** What the result shows other than the caption says; undefined when it shows just that. */
  readonly surprise: (result: Result) => string | undefined;
}

/** The fail-over, shortened: the node dies in the third second of the load and comes back in the sixth. */
const shortFailover = [
  'clients[0].count=60',
  'clients[0].rooms=6',
  'clients[0].reconnect.min=3s',
  'warmup=1s',
  'duration=10s',
  'steps[0].at=2s',
  'steps[1].at=5s',
];

/** The classic question and its classic answer, in the order in which teams meet them. */
export const demoActs: readonly DemoAct[] = [
  {
    title: 'A second node, and messages vanish',
    caption: [
      'Three chat nodes behind a balancer, each with its subscriptions in its own memory, as',
      'the simple broker of Spring keeps them. What is said on one node is not heard on the others.',
    ],
    scenario: 'simple-broker',
    set: ['duration=6s'],
    surprise: ({ delivery }) => (delivery.missing > 0 ? undefined : 'nothing was lost on the simple broker'),
  },
  {
    title: 'A broker between the nodes, and one node dies',
    caption: [
      'The same with a broker: everything reaches everybody. Then a node is killed. Its clients',
      'come back within a second or two, but what was said meanwhile they never hear.',
    ],
    scenario: 'failover',
    set: ['clients[0].recover=false', ...shortFailover],
    surprise: ({ delivery, missingByCause }) => {
      if (delivery.unexplained > 0) return `${formatCount(delivery.unexplained)} losses are unexplained`;
      return (missingByCause['not-subscribed'] ?? 0) > 0 ? undefined : 'nobody missed anything while away';
    },
  },
  {
    title: 'The same death, and nobody misses a word',
    caption: ['Now each client tells, when it comes back, how far it had got; the broker replays what it missed.'],
    scenario: 'failover',
    set: shortFailover,
    surprise: ({ delivery }) =>
      delivery.missing === 0
        ? undefined
        : `${formatCount(delivery.missing)} deliveries are missing in spite of recovery`,
  },
];
