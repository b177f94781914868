import { fork } from 'node:child_process';
import { once } from 'node:events';
import { program, startHelper } from '../child.js';
import { median } from '../statistics.js';

const maxAddedMicros = 100;
const sizeBytes = 400;

/** The process of the passages with one that leads to `port`, as a supervisor starts it. */
async function openPassage(port) {
  const child = fork(program, ['passages'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const order = { type: 'open', passage: 'node-1 clients', target: { host: '127.0.0.1', port } };
  child.send({ request: 1, order });
  const [{ value, failure }] = await once(child, 'message');
  if (value === undefined) throw new Error(`no passage: ${failure}`);
  return { child, port: value };
}

/** What a passage without a toxic adds to a round trip, there and back, beside the same round trip without it. */
export async function run({ quick }) {
  const echo = startHelper('echo-server.js');
  const { port } = await echo.readyLine();
  const passage = await openPassage(port);
  const client = startHelper('ping-client.js');
  const rounds = [];
  try {
    const round = async (count) => ({
      direct: await client.ask('roundTrips', { port, count, sizeBytes }),
      through: await client.ask('roundTrips', { port: passage.port, count, sizeBytes }),
    });
    // Until the compilers of all have seen enough.
    await round(5_000);
    for (let index = 0; index < (quick ? 5 : 15); index++) rounds.push(await round(2_000));
  } finally {
    passage.child.kill('SIGKILL');
    await Promise.all([client.end(), echo.end()]);
  }
  const added = median(rounds.map(({ direct, through }) => through - direct));
  return [
    {
      name: 'passage, added to a round trip',
      unit: 'µs',
      figure: added,
      reference: median(rounds.map(({ direct }) => direct)),
      ratio: median(rounds.map(({ direct, through }) => through / direct)),
      limit: `figure < ${maxAddedMicros} µs`,
      ok: added < maxAddedMicros,
      details: { rounds, sizeBytes },
    },
  ];
}
