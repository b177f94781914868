import * as z from 'zod';
import { clientGroup } from './client-schema.js';
import { duration } from './leaf.js';
import { balancerKinds, balancerPolicies, contracts } from './scenario.js';
import { step } from './step-schema.js';

const cluster = z.strictObject({
  nodes: z.int().min(1).max(32).default(3).describe('How many relay nodes: node-1 to node-N.'),
  broker: z
    .string()
    .max(2000)
    .default('embedded')
    .describe('What carries messages between nodes: simple (nothing), embedded, or the URL of a broker.'),
  history: duration({
    description: 'How long the embedded broker keeps messages for those who come back. Default: 5m.',
    minMs: 1000,
  }).optional(),
  sessions: z
    .string()
    .max(2000)
    .default('memory')
    .describe('Where the nodes keep HTTP sessions: memory (each node its own), or a URL like redis://127.0.0.1:6379.'),
  balancer: z
    .strictObject({
      kind: z.enum(balancerKinds).default('embedded').describe('The front door.'),
      policy: z.enum(balancerPolicies).default('round-robin').describe('How it chooses a node.'),
    })
    .prefault({})
    .describe('The balancer in front of the nodes.'),
  program: z
    .array(z.string().min(1).max(4096))
    .min(1)
    .max(100)
    .optional()
    .describe('Command line of a server to run in place of our node, as a list; needs --allow-exec.'),
  port: z.int().min(0).max(65_535).default(0).describe("The balancer's port; 0 for any free one."),
  readyTimeout: duration({ description: 'How long each process may take to become ready.', minMs: 100 }).prefault(
    '15s',
  ),
});

const target = z.strictObject({
  urls: z.array(z.string().min(1).max(2000)).min(1).max(1000).describe('ws:// or wss:// URLs, one per node.'),
  login: z.string().max(1000).optional().describe('STOMP login.'),
  passcode: z.string().max(1000).optional().describe('STOMP passcode.'),
  host: z.string().max(255).optional().describe('STOMP host header; the host of the URL by default.'),
  headers: z
    .record(z.string().min(1).max(255), z.string().max(8192))
    .default({})
    .describe('HTTP headers of the WebSocket handshake.'),
});

const threshold = z.union(
  [
    z.string().max(200),
    z.strictObject({
      expr: z.string().max(200).describe('The condition.'),
      abortOnFail: z
        .boolean()
        .default(false)
        .describe(
          'End the load as soon as it fails. Not for figures that are known only at the end. ' +
            'If what was missing then comes late, nothing is concluded.',
        ),
    }),
  ],
  { error: 'expected a condition such as "count == 0", or { expr, abortOnFail }' },
);

/** A scenario as the file says it. Loading this costs some 80 ms; nothing else may import it statically. */
export const scenarioSchema = z
  .strictObject({
    $schema: z.string().max(2000).optional().describe('Where editors find this schema; ignored.'),
    version: z.literal(1).describe('Version of this format.'),
    name: z.string().min(1).max(200).describe('What the scenario shows, in a few words.'),
    seed: z.int().min(0).max(4_294_967_295).optional().describe('Fixes every choice made by chance.'),
    cluster: cluster.optional().describe('A cluster to start here. The default; not together with target.'),
    target: target.optional().describe('A running cluster of your own to connect to.'),
    clients: z.array(clientGroup).min(1).max(100).describe('Who connects and sends.'),
    warmup: duration({ description: 'Traffic before the load that is not measured.' }).prefault('0s'),
    duration: duration({ description: 'Length of the load.', minMs: 100 }),
    drain: z
      .strictObject({
        quiet: duration({ description: 'The drain ends when nothing new arrived for so long.', minMs: 100 }).optional(),
      })
      .prefault({})
      .describe('The wait for what is still under way after the load.'),
    fenceTimeout: duration({ description: 'How long to wait until all nodes reach all clients.' }).prefault('5s'),
    deadline: duration({ description: 'A delivery that took longer is late.', minMs: 1 }).prefault('5s'),
    steps: z.array(step).max(500).default([]).describe('What happens to the cluster during the load.'),
    contract: z.enum(contracts).default('steady').describe('What the system promises; breaking it fails the run.'),
    settle: duration({ description: 'How long effects of a healed fault are excused.' }).prefault('5s'),
    thresholds: z
      .record(z.string().max(100), z.array(threshold).min(1).max(50))
      .default({})
      .describe('Conditions by metric; one that does not hold fails the run.'),
    timeout: duration({
      description: 'Ends a run that hangs. Default: what its clients may take to connect, its length, and two minutes.',
      minMs: 1000,
    }).optional(),
  })
  .describe('A scenario of cluster-chat.');

/** What `scenarioSchema` makes of a valid file. */
export type ScenarioFile = z.output<typeof scenarioSchema>;
