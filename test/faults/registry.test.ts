import { expect, test } from 'vitest';
import { faultOf, faults, requestOf } from '../../src/faults/registry.js';

/** Keys of a step that belong to no single fault. */
const ownKeys = ['name', 'at', 'every', 'after', 'chaos', 'for'];

test('no two faults have one verb, and no option has the name of another verb or of a key that every step has', () => {
  const verbs = faults.map(({ verb }) => verb);
  const options = faults.flatMap((fault) => Object.keys(fault.options).filter((name) => name !== fault.verb));
  expect(new Set([...verbs, ...ownKeys]).size).toBe(verbs.length + ownKeys.length);
  expect(options.filter((name) => verbs.includes(name) || ownKeys.includes(name))).toEqual([]);
});

test('an option that several faults have is one and the same, because a step has one key for it', () => {
  const first = new Map<string, unknown>();
  for (const fault of faults) {
    for (const [name, option] of Object.entries(fault.options)) {
      expect(first.get(name) ?? option, `${fault.verb}: ${name}`).toBe(option);
      first.set(name, option);
    }
  }
});

test('what lasts is ended by another verb that does no harm, and can be undone by itself in any case', () => {
  const lasting = faults.filter(({ endedBy }) => endedBy !== undefined);
  expect(lasting.length).toBeGreaterThan(0);
  for (const { verb, heal, endedBy = 'heal' } of lasting) {
    expect(heal, verb).toBeDefined();
    if (endedBy !== 'heal') expect(faultOf(endedBy)).toMatchObject({ disturbs: false, killed: false });
  }
});

test('a request says every option: what was said, or else its default', () => {
  expect(requestOf('kill')).toEqual({ type: 'kill', options: { signal: 'SIGKILL', moment: 'at-once' } });
  expect(requestOf('kill', { signal: 'SIGHUP' })).toEqual({
    type: 'kill',
    options: { signal: 'SIGHUP', moment: 'at-once' },
  });
  expect(requestOf('start', { signal: 'SIGHUP' })).toEqual({ type: 'start', options: {} });
  expect(() => requestOf('harm')).toThrow('no fault is called harm');
});
