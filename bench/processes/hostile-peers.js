// Peers that mean no good, of every kind that a node must bear. Who is sent away comes back at once.
import { connect } from 'node:net';
import { answerWith } from './answer.js';

const topic = '/topic/nobody-reads';
const handshake = `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`;
const connectFrame = 'CONNECT\naccept-version:1.2\nhost:/\n\n\0';

/** A text frame of a client, masked with zeros [RFC 6455, 5.2]. */
function frame(text) {
  const { length } = text;
  const head = Buffer.alloc(length < 126 ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | Math.min(length, 126);
  if (length >= 126) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, Buffer.from(text)]);
}

/** What each kind says first, what it goes on with, and whether it reads. */
const kinds = {
  'HTTP head, dribbled': { first: ['GET /ws HTTP/1.1\r\nHost: localhost\r\n'], more: 'X-More: x\r\n' },
  'silent connection': { first: [] },
  'silence after the upgrade': { first: [handshake] },
  'silent session': { first: [handshake, frame(connectFrame)] },
  'STOMP frame, dribbled': { first: [handshake, frame(`${connectFrame}SEND\nx:`)], more: frame('x') },
  'subscriber that never reads': {
    first: [handshake, frame(connectFrame), frame(`SUBSCRIBE\nid:1\ndestination:${topic}\n\n\0`)],
    isDeaf: true,
  },
  'flood of headers': {
    first: [`GET /ws HTTP/1.1\r\nHost: localhost\r\n${'X-Flood: x\r\n'.repeat(2_000)}`],
    pauseMs: 1_000,
  },
};

const dribbleEveryMs = 500;
let isOver = true;
let timers = [];
const open = new Set();
/** By kind: how often the node ended a connection. */
let ended = {};

function openPeer(port, name) {
  const { first, more, isDeaf, pauseMs = 0 } = kinds[name];
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  open.add(socket);
  for (const octets of first) socket.write(octets);
  if (isDeaf) socket.pause();
  else socket.resume();
  socket.on('error', () => {});
  socket.on('end', () => socket.destroy());
  const timer =
    more === undefined ? undefined : setInterval(() => socket.writable && socket.write(more), dribbleEveryMs);
  // A socket that is not read does not notice its end; it asks now and then by writing a line feed.
  const probe = isDeaf ? setInterval(() => socket.writable && socket.write(frame('\n')), 1_000) : undefined;
  socket.on('close', () => {
    clearInterval(timer);
    clearInterval(probe);
    open.delete(socket);
    if (isOver) return;
    ended[name]++;
    timers.push(setTimeout(() => isOver || openPeer(port, name), pauseMs));
  });
}

/** Opens so many of each kind, and one publisher for those that never read. */
function attack({ port, counts, floodBytes, floodsPerSecond }) {
  isOver = false;
  timers = [];
  ended = Object.fromEntries(Object.keys(kinds).map((name) => [name, 0]));
  for (const name of Object.keys(kinds)) for (let i = 0; i < counts[name]; i++) openPeer(port, name);
  const publisher = connect({ port, host: '127.0.0.1', noDelay: true });
  open.add(publisher);
  publisher.on('error', () => {});
  publisher.on('close', () => open.delete(publisher));
  publisher.resume();
  publisher.write(handshake);
  publisher.write(frame(connectFrame));
  const flood = frame(`SEND\ndestination:${topic}\n\n${'x'.repeat(floodBytes)}\0`);
  timers.push(setInterval(() => publisher.writable && publisher.write(flood), 1_000 / floodsPerSecond));
}

/** All of them leave, without a word; resolves with how often each kind was sent away. */
async function leave() {
  isOver = true;
  for (const timer of timers) clearInterval(timer);
  for (const socket of [...open]) socket.destroy();
  while (open.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  return ended;
}

answerWith({ attack, leave });
