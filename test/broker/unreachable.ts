import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.js';
import { AppError } from '../../src/core/errors.js';
import { EventLog } from './contract.js';

/** A password that must show nowhere. */
export const canary = 'canary-7f3a';

/** The error of an address that cannot be used; fails when it can, or when the password shows anywhere. */
export async function refusal(address: string): Promise<AppError> {
  const opened = await openBroker({ address, secret: undefined }, new EventLog()).catch((error: unknown) => error);
  if (!(opened instanceof AppError)) throw new Error(`no AppError for ${address} but ${inspect(opened)}`);
  expect(inspect(opened, { depth: 20, showHidden: true })).not.toContain(canary);
  return opened;
}

/** For STOMP in both modes: the connection of the node is opened first in either. */
export async function expectUnreachable(address: string, message: RegExp, hint: RegExp): Promise<void> {
  const modes = address.startsWith('stomp') ? ['', '?connections=shared'] : [''];
  await Promise.all(modes.map((mode) => expectRefused(`${address}${mode}`, message, hint)));
}

async function expectRefused(address: string, message: RegExp, hint: RegExp): Promise<void> {
  const error = await refusal(address);
  expect(error, address).toMatchObject({ code: 'broker-unreachable', exitCode: 4 });
  expect(error.message, address).toMatch(message);
  expect(error.message, address).toContain(new URL(address).host);
  expect(error.hint, address).toMatch(hint);
}

/** A server of this test on a free port of 127.0.0.1. */
export async function listening(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}
