import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { BatchJoiner, type FrameForm, formFrame } from '../../src/server/batch.js';
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

/** Two frames that no other batch has. */
function batch(number: number): Outgoing[] {
  const tail = { bytes: Buffer.alloc(20_000, `<${number}>`) };
  return [wholeFrame(Buffer.from(`first of ${number}\n`)), { head: Buffer.from(`second of ${number}\n`), tail }];
}

function expected(number: number): Buffer {
  return Buffer.concat(batch(number).flatMap(({ head, tail }) => [head, tail.bytes]));
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
    const frames = batch(number);
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
  const frames = batch(1);
  joiner.write(one.here, frames);
  joiner.write(other.here, [...frames]);
  joiner.write(other.here, batch(2));
  expect((await readBytes(one.there, expected(1).length)).equals(expected(1))).toBe(true);
  const both = Buffer.concat([expected(1), expected(2)]);
  expect((await readBytes(other.there, both.length)).equals(both)).toBe(true);
});
