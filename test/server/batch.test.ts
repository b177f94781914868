import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { BatchJoiner, type FrameForm, formFrame } from '../../src/server/batch.js';
import { FrameBatch } from '../../src/server/frame-batch.js';
import { frameBytes, type Outgoing, wholeFrame, writeFrame } from '../../src/server/outgoing.js';

const plain: FrameForm = {
  sizeOf: frameBytes,
  write: writeFrame,
  alone: (frame) => formFrame(frame, plain),
};
const server = createServer();
const sockets: Socket[] = [];

/** Both ends of a connection. */
async function pair(): Promise<{ here: Socket; there: Socket }> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  const there = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [here] = (await accepted) as [Socket];
  sockets.push(here, there);
  return { here, there };
}

function batchOf(frames: readonly Outgoing[]): FrameBatch {
  const batch = new FrameBatch();
  for (const frame of frames) batch.add(frame);
  return batch;
}

/** Two frames that no other batch has. */
function framesOf(number: number): Outgoing[] {
  const tail = { bytes: Buffer.alloc(20_000, `<${number}>`) };
  return [wholeFrame(Buffer.from(`first of ${number}\n`)), { head: Buffer.from(`second of ${number}\n`), tail }];
}

function bytesOf(frames: readonly Outgoing[]): Buffer {
  return Buffer.concat(frames.flatMap(({ head, tail }) => [head, tail.bytes]));
}

function expected(number: number): Buffer {
  return bytesOf(framesOf(number));
}

async function readBytes(socket: Socket, wanted: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= wanted) break;
  }
  return Buffer.concat(chunks);
}

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

it('what waits for a peer that does not read stays as it was while other batches are written', async () => {
  const joiner = new BatchJoiner(plain);
  const slow = await pair();
  const quick = await pair();
  slow.there.pause();
  // Far more than the kernel takes for one connection, so that most of it waits here.
  const numbers = Array.from({ length: 1_000 }, (_, index) => index);
  const quickBytes = readBytes(
    quick.there,
    numbers.reduce((sum, number) => sum + expected(number).length, 0),
  );
  for (const number of numbers) {
    const frames = batchOf(framesOf(number));
    joiner.write(slow.here, frames);
    joiner.write(quick.here, frames);
    if (number % 100 === 0) await new Promise(setImmediate);
  }
  expect(slow.here.writableLength).toBeGreaterThan(0);
  const all = Buffer.concat(numbers.map(expected));
  expect((await quickBytes).equals(all)).toBe(true);
  expect((await readBytes(slow.there, all.length)).equals(all)).toBe(true);
});

it('sockets that send the same frames in a row each get them, and what differs next too', async () => {
  const joiner = new BatchJoiner(plain);
  const [one, other] = [await pair(), await pair()];
  const frames = framesOf(1);
  joiner.write(one.here, batchOf(frames));
  joiner.write(other.here, batchOf(frames));
  joiner.write(other.here, batchOf(framesOf(2)));
  expect((await readBytes(one.there, expected(1).length)).equals(expected(1))).toBe(true);
  const both = Buffer.concat([expected(1), expected(2)]);
  expect((await readBytes(other.there, both.length)).equals(both)).toBe(true);
});

/** Messages that all get, as a subscriber with this id gets them, after an answer that only some get. */
function forSubscriber(id: string, tails: readonly { readonly bytes: Buffer }[], answer?: Outgoing): Outgoing[] {
  const head = Buffer.from(`subscription:${id}\n`);
  const frames = tails.map((tail): Outgoing => ({ head, tail }));
  return answer === undefined ? frames : [...frames.slice(0, 1), answer, ...frames.slice(1)];
}

it('sockets whose frames differ in their heads, as long or longer, each get their own', async () => {
  const joiner = new BatchJoiner(plain);
  const { here, there } = await pair();
  const tails = ['first', 'second', 'third'].map((text) => ({ bytes: Buffer.from(`${text}\n`) }));
  const answer = wholeFrame(Buffer.from('an answer\n'));
  const batches = [
    forSubscriber('sub-1', tails),
    forSubscriber('sub-2', tails),
    forSubscriber('sub-10', tails),
    forSubscriber('sub-11', tails, answer),
    forSubscriber('sub-12', tails, answer),
    forSubscriber('sub-13', tails),
    [...forSubscriber('sub-1', tails), ...forSubscriber('sub-2', tails)],
    [...forSubscriber('sub-3', tails), ...forSubscriber('sub-2', tails)],
    [...forSubscriber('sub-3', tails), ...forSubscriber('sub-4', tails)],
  ];
  for (const frames of batches) joiner.write(here, batchOf(frames));
  const all = Buffer.concat(batches.map(bytesOf));
  expect((await readBytes(there, all.length)).toString()).toBe(all.toString());
});

it('what waits for a peer that does not read stays as it was while others get it with their heads', async () => {
  const joiner = new BatchJoiner(plain);
  const slow = await pair();
  const quick = await pair();
  slow.there.pause();
  const rounds = Array.from({ length: 500 }, (_, round) =>
    [0, 1].map((part) => ({ bytes: Buffer.alloc(20_000, `<${round}.${part}>`) })),
  );
  const all = (id: string) => Buffer.concat(rounds.map((tails) => bytesOf(forSubscriber(id, tails))));
  const quickBytes = readBytes(quick.there, all('sub-2').length);
  for (const [round, tails] of rounds.entries()) {
    joiner.write(slow.here, batchOf(forSubscriber('sub-1', tails)));
    joiner.write(quick.here, batchOf(forSubscriber('sub-2', tails)));
    if (round % 100 === 0) await new Promise(setImmediate);
  }
  expect(slow.here.writableLength).toBeGreaterThan(0);
  expect((await quickBytes).equals(all('sub-2'))).toBe(true);
  expect((await readBytes(slow.there, all('sub-1').length)).equals(all('sub-1'))).toBe(true);
});
