import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nowMs } from '../../src/core/clock.js';
import type { ToxicSpec } from '../../src/proxy/toxics/registry.js';
import { expectPasses, openPassage, type Pair } from './open-passage.js';
import { readAll, readSome } from './origin.js';

const minuteMs = 60_000;
const late: ToxicSpec = { type: 'latency', delayMs: minuteMs, jitterMs: 0, seed: 1 };

/** Everything that arrives until there is so much of it, piece by piece. */
async function readBytes(socket: Socket, count: number): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for (let bytes = 0; bytes < count; bytes += pieces.at(-1)?.length ?? 0) {
    const [piece] = (await once(socket, 'data')) as [Buffer];
    pieces.push(piece);
  }
  return pieces;
}

async function expectArrives({ client, server }: Pair, text: string): Promise<void> {
  client.write(text);
  expect(Buffer.concat(await readBytes(server, text.length)).toString()).toBe(text);
}

test('latency delays each way, the old connections and the new ones, and counts the connections', async () => {
  const { passage, connect } = await openPassage();
  const old = await connect();
  await expectPasses(old);
  expect(passage.poison({ type: 'latency', delayMs: 40, jitterMs: 0, seed: 1 })).toBe(1);
  for (const pair of [old, await connect()]) {
    const startMs = nowMs();
    await expectPasses(pair);
    // A timer may fire a fraction of a millisecond early.
    expect(nowMs() - startMs).toBeGreaterThan(78);
  }
});

test('latency with more jitter than delay keeps the order and loses nothing', async () => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  passage.poison({ type: 'latency', delayMs: 2, jitterMs: 10, seed: 4711 });
  let sent = '';
  const received = readAll(server);
  for (let number = 0; number < 200; number++) {
    client.write(`${number} `);
    sent += `${number} `;
    if (number % 10 === 0) await new Promise(setImmediate);
  }
  client.end();
  expect((await received).bytes.toString()).toBe(sent);
});

test('what a toxic holds passes at once when it is lifted, and an end after it', async () => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  passage.poison(late);
  const received = readAll(server);
  client.end('held');
  await once(client, 'finish');
  expect(passage.cure('latency')).toBe(true);
  expect((await received).bytes.toString()).toBe('held');
  expect(passage.cure('latency')).toBe(false);
});

test('a toxic takes the place of an earlier one of its type', async () => {
  const { passage, connect } = await openPassage();
  const pair = await connect();
  passage.poison(late);
  passage.poison({ ...late, delayMs: 1 });
  await expectPasses(pair);
});

test('bandwidth is what all connections get together, and everything arrives', async () => {
  const { passage, connect } = await openPassage();
  const pairs = [await connect(), await connect()];
  passage.poison({ type: 'bandwidth', bytesPerSecond: 100_000 });
  const startMs = nowMs();
  await Promise.all(pairs.map((pair) => expectArrives(pair, 'x'.repeat(10_000))));
  expect(nowMs() - startMs).toBeGreaterThan(190);
});

test('bandwidth holds up who sends more, and drops nothing of it', async () => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  passage.poison({ type: 'bandwidth', bytesPerSecond: 1_000 });
  const sent = randomBytes(16_777_216);
  const received = readAll(server);
  expect(client.write(sent)).toBe(false);
  await readSome(server);
  expect(client.writableLength).toBeGreaterThan(0);
  client.end();
  passage.cure('bandwidth');
  expect((await received).bytes.equals(sent)).toBe(true);
});

test('slice tears what is sent, and nothing of it is lost', async () => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  passage.poison({ type: 'slice', sizeBytes: 1 });
  client.write('hello');
  const pieces = await readBytes(server, 5);
  expect(Buffer.concat(pieces).toString()).toBe('hello');
  expect(pieces.length).toBeGreaterThan(1);
});

test('in a blackhole bytes and ends vanish, and what was touched is reset when it is lifted', async () => {
  const { passage, connect } = await openPassage();
  const [touched, quiet] = [await connect(), await connect()];
  expect(passage.poison({ type: 'blackhole', direction: 'both' })).toBe(2);
  const heard: unknown[] = [];
  for (const event of ['data', 'end', 'close']) touched.server.on(event, () => heard.push(event));
  touched.client.end('into the void');
  await once(touched.client, 'finish');
  const fresh = await connect();
  fresh.client.write('hello?');
  await expectNothingFrom(fresh.server);
  expect(heard).toEqual([]);
  const endings = [readAll(touched.server), readAll(fresh.client)];
  passage.cure('blackhole');
  for (const { ending, bytes } of await Promise.all(endings)) expect([ending, bytes.length]).toEqual(['ECONNRESET', 0]);
  await expectPasses(quiet);
});

test.each(['to-target', 'from-target'] as const)('a blackhole %s lets the other way through', async (direction) => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  passage.poison({ type: 'blackhole', direction });
  const [muted, heard] = direction === 'to-target' ? [client, server] : [server, client];
  muted.write('into the void');
  await expectNothingFrom(heard);
  heard.write('hello');
  expect(await readSome(muted)).toBe('hello');
});

/** Nothing has come by the time at which another connection through the same passage would have been heard. */
async function expectNothingFrom(socket: Socket): Promise<void> {
  let bytes = 0;
  const count = (piece: Buffer): void => {
    bytes += piece.length;
  };
  socket.on('data', count);
  const other = await openPassage();
  await expectPasses(await other.connect());
  await expectPasses(await other.connect());
  socket.off('data', count);
  expect(bytes).toBe(0);
}

test('whatever is put on and lifted while bytes flow, every byte arrives in its order, each way', async () => {
  const lossless: fc.Arbitrary<ToxicSpec> = fc.oneof(
    fc.record({
      type: fc.constant('latency' as const),
      delayMs: fc.integer({ min: 0, max: 5 }),
      jitterMs: fc.integer({ min: 0, max: 5 }),
      seed: fc.nat(),
    }),
    fc.record({
      type: fc.constant('bandwidth' as const),
      bytesPerSecond: fc.integer({ min: 200_000, max: 5_000_000 }),
    }),
    fc.record({ type: fc.constant('slice' as const), sizeBytes: fc.integer({ min: 100, max: 3_000 }) }),
  );
  const act = fc.record({ toxic: lossless, isLifted: fc.boolean(), chunk: fc.integer({ min: 1, max: 40_000 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
      const { passage, connect } = await openPassage();
      const { client, server } = await connect();
      const sent: Buffer[] = [];
      const received = [readAll(server), readAll(client)];
      for (const { toxic, isLifted, chunk } of acts) {
        if (isLifted) passage.cure(toxic.type);
        else passage.poison(toxic);
        const bytes = randomBytes(chunk);
        sent.push(bytes);
        client.write(bytes);
        server.write(bytes);
        await new Promise(setImmediate);
      }
      client.end();
      server.end();
      for (const { bytes } of await Promise.all(received)) expect(bytes.equals(Buffer.concat(sent))).toBe(true);
      await passage[Symbol.asyncDispose]();
    }),
    { numRuns: 30 },
  );
});
