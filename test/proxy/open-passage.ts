import type { Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { Passage } from '../../src/proxy/passage.js';
import { connectClient, openTcpOrigin, readSome } from './origin.js';

export interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** client ~ [Passage] ~ origin, all real sockets. */
export async function openPassage() {
  const origin = await openTcpOrigin('broker');
  const passage = await Passage.open(origin);
  onTestFinished(() => passage[Symbol.asyncDispose]());
  const connect = async (): Promise<Pair> => {
    const client = await connectClient(passage.port);
    return { client, server: await origin.accept() };
  };
  return { origin, passage, connect };
}

export async function expectPasses({ client, server }: Pair): Promise<void> {
  client.write('ping');
  expect(await readSome(server)).toBe('ping');
  server.write('pong');
  expect(await readSome(client)).toBe('pong');
}
