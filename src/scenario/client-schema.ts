import * as z from 'zod';
import { type ReconnectProfile, reconnectProfiles } from '../client/reconnect-profiles.js';
import { duration, ratePerSecond, size, textOrList } from './leaf.js';

const destinationHelp = 'Placeholders: {room} (room-1 …), {client}, {node}.';
const sendHelp = `${destinationHelp.slice(0, -1)}, {peer} (the next client in the room).`;

const send = z
  .strictObject({
    to: z
      .string()
      .min(1)
      .max(255)
      .describe(`Destination to send to; /user/{peer}/queue/x for a user's own. ${sendHelp}`),
    every: duration({ description: 'Interval between the sends of one client.', minMs: 1 }),
    // The stamp that identifies a message in the body takes 96 bytes; a node takes bodies up to 64 KB.
    size: size({ description: 'Size of the body.', minBytes: 96, maxBytes: 65_536 }).prefault('200B'),
    receipt: z.boolean().default(true).describe('Ask for a RECEIPT; without one a lost message cannot be proved.'),
    schedule: z
      .enum(['fixed', 'poisson'])
      .default('fixed')
      .describe('fixed: exactly every interval. poisson: seeded chance with that mean.'),
    start: z
      .enum(['spread', 'together'])
      .default('spread')
      .describe('spread: first sends at seeded moments of the first interval. together: all clients at once.'),
  })
  .describe('What each client sends. Leave it out for clients that only listen.');

const connect = z.strictObject({
  rate: ratePerSecond('New connections of this group.').optional(),
  via: z
    .enum(['balancer', 'nodes'])
    .optional()
    .describe('Through the balancer (default where there is one), or to the nodes in turn.'),
});

const profileNames = Object.keys(reconnectProfiles) as ReconnectProfile[];

const reconnect = z.strictObject({
  profile: z.enum(profileNames).default('full-jitter').describe('Which client library to behave like.'),
  min: duration({ description: 'Ceiling of the first delay; only with full-jitter.' }).optional(),
  max: duration({ description: 'Ceiling of every delay; only with full-jitter.' }).optional(),
  delay: duration({ description: "Another delay than the profile's own; only with a fixed one." }).optional(),
  resubscribe: z
    .boolean()
    .default(true)
    .describe('false: come back without subscribing again, as an application that subscribes only once.'),
});

const unsubscribe = z
  .strictObject({
    every: duration({ description: 'Interval from one UNSUBSCRIBE of a client to its next.', minMs: 100 }),
    for: duration({ description: 'How long until it subscribes again; shorter than the interval.', minMs: 10 }),
  })
  .describe('During the load each client leaves its destinations now and then, as somebody who closes a room.');

/** A group of clients that behave alike, as the file says it. */
export const clientGroup = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/, { error: 'a name is made of 1 to 64 of a-z, 0-9 and "-"' })
    .describe('Name of the group in reports.'),
  count: z.int().min(1).max(100_000).describe('How many clients.'),
  rooms: z.int().min(1).max(100_000).default(1).describe('Rooms over which the clients are spread evenly.'),
  user: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'As whom each connects: the login of CONNECT, such as "{client}". Several clients may be one user, such as ' +
        `"user-{room}". They subscribe to /user/queue/x, and hear what is sent to /user/{name}/queue/x. ${destinationHelp}`,
    ),
  subscribe: textOrList({ description: `Where they listen. ${destinationHelp}`, what: 'a destination' }).optional(),
  send: send.optional(),
  connect: connect.prefault({}).describe('How they connect.'),
  reconnect: reconnect.prefault({}).describe('How they come back after a loss.'),
  unsubscribe: unsubscribe.optional(),
  recover: z.boolean().default(true).describe('Ask for what was missed while away.'),
  engine: z
    .enum(['lean', 'stompjs'])
    .default('lean')
    .describe('lean: our own client, for large numbers. stompjs: the real @stomp/stompjs.'),
  session: z
    .boolean()
    .default(false)
    .describe(
      'Log in over HTTP, as the user or under its own name, before the first connection; count when a reconnect is logged out.',
    ),
  heartbeat: duration({ description: 'Interval of heart-beats both ways; 0s for none.' }).prefault('10s'),
  crash: z.boolean().default(false).describe('End without DISCONNECT and without closing the connection.'),
});
