import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RelayNode } from '../../src/server/node.js';
import type { Frame, StompVersion } from '../../src/stomp/frame.js';
import { propertyRuns } from '../property-runs.js';
import { frameText, type HeaderLines, RawClient } from './raw-client.js';
import { type AckMode, type Action, type Answer, SessionModel } from './session-model.js';
import { metricOf, openTestNode } from './test-node.js';

let node: RelayNode;
beforeAll(async () => {
  node = await openTestNode({ acceptPerSecond: 1_000_000, acceptBurst: 1_000_000 });
});
afterAll(() => node[Symbol.asyncDispose]());

/** The session beside the model. */
interface Real {
  client: RawClient;
}

const dial = (): Promise<RawClient> =>
  RawClient.overWebSocket(node.url, { subprotocols: ['v12.stomp', 'v11.stomp', 'v10.stomp'] });

const messagesOf = ({ client }: Real): Frame[] => client.received.filter(({ command }) => command === 'MESSAGE');

/** The frame of an action, as the session's version writes it; what it acknowledges may be nothing. */
function frameOf(action: Action, model: SessionModel, real: Real): string {
  const receipt = { receipt: 'r' };
  const within = 'transaction' in action && action.transaction !== undefined ? { transaction: action.transaction } : {};
  switch (action.type) {
    case 'connect':
      return frameText('CONNECT', model.version === '1.0' ? {} : { 'accept-version': model.version, host: '/' });
    case 'garbage':
      return action.octets;
    case 'subscribe': {
      const { id, destination, ack } = action;
      return frameText('SUBSCRIBE', { id, destination, ack, ...receipt });
    }
    case 'unsubscribe':
      return frameText('UNSUBSCRIBE', { id: action.id, ...receipt });
    case 'send':
      return frameText('SEND', { destination: action.destination, ...within, ...receipt }, `${model.messages + 1}`);
    case 'ack':
    case 'nack':
      return frameText(action.type.toUpperCase(), {
        ...acknowledging(action, model, real),
        ...within,
        ...receipt,
      });
    case 'begin':
    case 'commit':
    case 'abort':
    case 'disconnect':
      return frameText(action.type.toUpperCase(), { ...within, ...receipt });
    case 'line feed':
    case 'reconnect':
      return '\n';
  }
}

/** The headers that name the picked delivery [A01–A03], or none that there ever was. */
function acknowledging(
  action: Extract<Action, { type: 'ack' | 'nack' }>,
  model: SessionModel,
  real: Real,
): HeaderLines {
  const { version } = model;
  const delivery = model.picked(action);
  const frame = messagesOf(real).filter(({ headers }) => headers.get('subscription') === delivery?.id)[
    delivery?.nth ?? 0
  ];
  const id = frame?.headers.get('message-id')?.replaceAll(':', version === '1.0' ? ':' : '\\c') ?? 'none';
  if (version === '1.2') return { id: frame?.headers.get('ack') ?? 'none' };
  return version === '1.1' ? { 'message-id': id, subscription: delivery?.id ?? 'none' } : { 'message-id': id };
}

/** Waits for the answer that the model foretells; another one fails. */
async function expectAnswer(answer: Answer, { client }: Real, answersBefore: number): Promise<void> {
  if (answer === 'nothing') return;
  const answers = () => client.received.filter(({ command }) => command !== 'MESSAGE');
  await client.until(() => answers().length > answersBefore, answer);
  expect(answers().at(-1)?.command).toBe(answer);
  if (answer === 'ERROR') expect((await client.ended).code).toBeGreaterThan(1000);
}

class Step implements fc.AsyncCommand<SessionModel, Real> {
  readonly #action: Action;
  /** Whether it is said also where it is wrong; otherwise sessions would not live long enough to be of interest. */
  readonly #isRude: boolean;

  constructor(action: Action, isRude: boolean) {
    this.#action = action;
    this.#isRude = isRude;
  }

  check(model: Readonly<SessionModel>): boolean {
    if ((model.state === 'ended') !== (this.#action.type === 'reconnect')) return false;
    return this.#isRude || !model.refuses(this.#action);
  }

  async run(model: SessionModel, real: Real): Promise<void> {
    const action = this.#action;
    if (action.type === 'reconnect') real.client = await dial();
    const before = real.client.received.filter(({ command }) => command !== 'MESSAGE').length;
    real.client.raw(frameOf(action, model, real));
    await expectAnswer(model.take(action), real, before);
    if (action.type === 'disconnect' && before > 0) expect((await real.client.ended).code).toBe(1000);
    const { deliveries, state } = model;
    if (state !== 'ended') await real.client.until(() => messagesOf(real).length >= deliveries.length, 'MESSAGEs');
    const shown = messagesOf(real).map(({ headers, body }) => [headers.get('subscription'), Number(body.toString())]);
    // What one subscription gets is in order; which of two comes first is nobody's promise.
    for (const id of ids) {
      const own = deliveries.filter((delivery) => delivery.id === id).map(({ message }) => [id, message]);
      expect(shown.filter(([subscription]) => subscription === id)).toEqual(own);
    }
  }

  toString(): string {
    return JSON.stringify(this.#action);
  }
}

const ids = ['1', '2'] as const;
const destination = fc.constantFrom('/topic/model.a', '/topic/model.a', '/topic/model.a', '/topic/model.b');
const id = fc.constantFrom(...ids);
const transaction = fc.constantFrom('t', 'u');
const maybeWithin = fc.option(transaction, { nil: undefined, freq: 3 });
const octets = fc.constantFrom(
  '\0',
  'send\n\n\0',
  'SEND\nx\n\n\0',
  'DANCE\n\n\0',
  'SEND\ncontent-length:x\n\n\0',
  'MESSAGE\n\n\0',
);
const rude = fc.nat(9).map((number) => number === 0);
const among = fc.constantFrom<('waiting' | 'all')[]>('waiting', 'waiting', 'waiting', 'waiting', 'all');
const is = <T extends Action['type']>(...types: T[]) => fc.constantFrom(...types);

/** More of what keeps a session going than of what ends it. */
const actions: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: is('connect') }) },
  { weight: 8, arbitrary: fc.record({ type: is('reconnect') }) },
  { weight: 10, arbitrary: fc.record({ type: is('send'), destination, transaction: maybeWithin }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: is('subscribe'),
      id,
      destination,
      ack: fc.constantFrom<AckMode[]>('auto', 'client', 'client', 'client-individual'),
    }),
  },
  {
    weight: 9,
    arbitrary: fc.record({ type: is('ack', 'ack', 'nack'), pick: fc.nat(5), among, transaction: maybeWithin }),
  },
  { weight: 5, arbitrary: fc.record({ type: is('begin', 'commit', 'abort'), transaction }) },
  { weight: 2, arbitrary: fc.record({ type: is('unsubscribe'), id }) },
  { weight: 1, arbitrary: fc.record({ type: is('line feed', 'disconnect') }) },
  { weight: 1, arbitrary: fc.record({ type: is('garbage'), octets }) },
);

describe.each(['1.0', '1.1', '1.2'] as const)('a session of STOMP %s', (version: StompVersion) => {
  test('answers whatever is said as a simple model of it does', async () => {
    const steps = fc.commands([fc.tuple(actions, rude).map((step) => new Step(...step))], {
      size: '+1',
      maxCommands: 60,
    });
    const property = fc.asyncProperty(steps, async (commands) => {
      const real = { client: await dial() };
      const begin = () => ({ model: new SessionModel(version), real });
      try {
        await fc.asyncModelRun(begin, commands);
      } finally {
        await real.client[Symbol.asyncDispose]();
      }
    });
    await fc.assert(property, propertyRuns(400));
    for (const name of ['sessions', 'subscriptions', 'destinations']) {
      await expect.poll(() => metricOf(node.port, name), { timeout: 30_000 }).toBe(0);
    }
  });
});
