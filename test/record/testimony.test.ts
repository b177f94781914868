import { expect, test } from 'vitest';
import { causeByTestimony, type Loss, type Testimony, type Trace } from '../../src/record/testimony.js';

const second = 1_000_000;
const key = '0/1/0/1';
/** Committed at 10 s in a history of 60 s, to a session that lives on, of a message that others got. */
const loss: Loss = {
  key,
  toMicros: 10 * second,
  endMicros: 60 * second,
  sessionId: 'subscriber',
  originSessionId: 'publisher',
  endsEarly: false,
  isLost: false,
  anybody: true,
};
const lost: Partial<Loss> = { endsEarly: true, isLost: true };
/** Two nodes that were never killed: the publisher's and the subscriber's. */
const healthy: Testimony = {
  lives: [
    { node: 0, completeToMicros: 60 * second, isClosed: false },
    { node: 1, completeToMicros: 60 * second, isClosed: false },
  ],
  sessions: { publisher: [0, null], subscriber: [1, null] },
  messages: {},
};

function cause(trace: Partial<Trace> | undefined, about: Partial<Loss> = {}, testimony: Partial<Testimony> = {}) {
  const whole = { accepted: [0], passed: true, brought: [1], written: ['subscriber'], ...trace };
  const messages = trace === undefined ? {} : { [key]: whole };
  return causeByTestimony({ ...healthy, messages, ...testimony }, { ...loss, ...about });
}

/** The life of that number ended with SIGKILL at the moment. */
function killed(life: number, atMicros: number): Partial<Testimony> {
  return {
    lives: healthy.lives.map((each, index) => (index === life ? { ...each, completeToMicros: atMicros } : each)),
  };
}

test('Accepted by a node that died before the broker confirmed it: origin-died', () => {
  const died = killed(0, 10 * second + 5_000);
  expect(cause({ passed: false, brought: [], written: [] }, { anybody: false }, died)).toBe('origin-died');
});

test('Acknowledged by a node that lived on and never passed it to the broker: never-relayed', () => {
  expect(cause({ passed: false, brought: [], written: [] }, { anybody: false })).toBe('never-relayed');
  expect(cause(undefined, { anybody: false })).toBe('never-relayed');
});

test('In no journal, and more is missing than was sought in them: nothing is proven', () => {
  expect(cause(undefined, { anybody: false }, { isCapped: true })).toBeUndefined();
  expect(cause({ passed: false, brought: [], written: [] }, { anybody: false }, { isCapped: true })).toBe(
    'never-relayed',
  );
});

test('Acknowledged by a node whose last turn is missing, and in no journal: nothing is proven', () => {
  expect(cause(undefined, { anybody: false }, killed(0, 10 * second + 5_000))).toBeUndefined();
});

test('Passed to the broker, and the subscriber’s node lived on without it: broker-gap', () => {
  expect(cause({ brought: [0], written: [] })).toBe('broker-gap');
  expect(cause({ brought: [0], written: [] }, lost)).toBe('broker-gap');
});

test('Passed to the broker, and the subscriber’s node died before it can have come: in-flight', () => {
  expect(cause({ brought: [0], written: [] }, lost, killed(1, 10 * second + 5_000))).toBe('in-flight');
});

test('Brought to a node that wrote nothing to a session that lived on: never-relayed', () => {
  expect(cause({ written: [] })).toBe('never-relayed');
});

test('Written to a session that was lost: in-flight', () => {
  expect(cause({}, lost)).toBe('in-flight');
});

test('Written to a session that lived on and did not receive it: unexplained, for no node lost it', () => {
  expect(cause({})).toBe('unexplained');
});

test('A session that the node closed because it did not read: slow-consumer, whatever code came through', () => {
  const sessions = { ...healthy.sessions, subscriber: [1, 4500] as const };
  expect(cause({ written: [] }, lost, { sessions })).toBe('slow-consumer');
  expect(cause({ written: [] }, {}, { sessions })).not.toBe('slow-consumer');
});

test('A broker connection of a session’s own is asked for that session, not for its node', () => {
  expect(cause({ brought: ['another'], written: [] })).toBe('broker-gap');
  // It ended, and its connection with it, while the node lived on.
  expect(cause({ brought: ['another'], written: [] }, lost)).toBe('in-flight');
  expect(cause({ brought: ['subscriber'], written: [] })).toBe('never-relayed');
});

test('A journal that ends too early proves nothing by what it does not have', () => {
  const full = killed(1, 10 * second);
  expect(cause({ brought: [], written: [] }, {}, full)).toBeUndefined();
  expect(cause({ written: [] }, {}, full)).toBeUndefined();
});

test('A session that no journal knows is left to what clients saw', () => {
  expect(cause({}, { sessionId: 'of another program' })).toBeUndefined();
  expect(cause({}, { sessionId: undefined })).toBeUndefined();
});
