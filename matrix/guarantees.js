import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { program } from './run-cell.js';

const secret = 'the secret of this matrix';
const noEvents = { message: () => undefined, gap: () => undefined };

/** What the broker at an address declares about itself; undefined when this version knows no such broker. */
export async function guaranteesOf(address, openBroker) {
  if (address === 'embedded') return guaranteesOfEmbedded(openBroker);
  try {
    return await declared(await openBroker({ address, secret }, noEvents));
  } catch (error) {
    if (error.code === 'usage') return undefined;
    throw error;
  }
}

async function declared(broker) {
  const { guarantees } = broker;
  await broker[Symbol.asyncDispose]();
  return guarantees;
}

/** Ours speaks for itself only over a connection. */
async function guaranteesOfEmbedded(openBroker) {
  const child = spawn(process.execPath, [program, 'broker', '--port', '0'], {
    env: { ...process.env, CLUSTER_CHAT_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(line);
      return await declared(await openBroker({ address: url, secret }, noEvents));
    }
    throw new Error('the embedded broker did not start');
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}
