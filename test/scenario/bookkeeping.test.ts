import { expect, test } from 'vitest';
import { nowMs } from '../../src/core/clock.js';
import type { Workers } from '../../src/load/gather.js';
import { oneClock } from '../../src/record/clocks.js';
import { Bookkeeping } from '../../src/scenario/bookkeeping.js';
import type { Witnesses } from '../../src/scenario/hear-nodes.js';
import { parseScenario } from '../../src/scenario/parse.js';
import { eventsSchema } from '../../src/scenario/run-event.js';
import { RunRecord } from '../../src/scenario/run-record.js';
import { RunView } from '../../src/scenario/run-view.js';
import { createHistoryWriter, planOf } from '../record/history-writer.js';

const plan = planOf(2, 2);
const client = '{ name: a, count: 2, subscribe: /topic/a, send: { to: /topic/a, every: 1s } }';
const parsed = parseScenario(`version: 1\nname: x\nduration: 60s\ndeadline: 5s\nclients: [${client}]\n`, 'x.yaml');
if (parsed.type !== 'scenario') throw new Error(JSON.stringify(parsed.issues));
const { scenario } = parsed;
const about = {
  ...{ version: '0', node: '0', platform: 'any', cpus: 1, startedAt: '2026-01-01T00:00:00.000Z' },
  ...{ scenario: 'x.yaml', command: 'npx cluster-chat run x.yaml' },
};

/** Books whose workers have told everything until a moment that the test decides. */
function openBooks() {
  const told = { atMs: 0 };
  const workers: Pick<Workers, 'plan' | 'clocks' | 'offsets' | 'toldAtMs'> = {
    ...{ plan, clocks: oneClock, offsets: [] },
    toldAtMs: () => told.atMs,
  };
  const [record, view] = [new RunRecord(undefined), new RunView(scenario, 1, () => undefined)];
  record.tell({ type: 'run-started', schema: eventsSchema, seed: 1, workers: 1, about, scenario });
  record.tell({ type: 'system-ready', plan, nodes: 2, brokerKind: 'embedded', balancerKind: 'none' });
  const books = new Bookkeeping({
    ...{ scenario, workers: workers as Workers, record, view },
    // Asked at the end only.
    witnesses: {} as Witnesses,
  });
  return { books, told };
}

test('nothing is called missing before every worker has told of the time until its deadline', () => {
  const { books, told } = openBooks();
  const sentAtMs = nowMs() - 60_000;
  const history = createHistoryWriter().everybodyOnline(plan, (index) => index);
  books.receive(
    history
      .sent([0, 1, 0, 1], sentAtMs)
      .arrived(0, 1, [0, 1, 0, 1], sentAtMs + 1)
      .take(),
  );
  // A worker stands still: its last word is from a moment at which the message was on time.
  told.atMs = sentAtMs + 4_900;
  expect(books.live()).toMatchObject({ once: 1, missing: 0 });
  books.forget(nowMs() * 1000);
  expect(books.live()).toMatchObject({ once: 1, missing: 0 });
  told.atMs = sentAtMs + 5_100;
  expect(books.live()).toMatchObject({ once: 1, missing: 1 });
});
