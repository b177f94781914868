import { nowMicros } from '../core/clock.js';
import type { Workers } from '../load/gather.js';
import type { FactBatch } from '../record/history.js';
import type { Distribution } from '../record/latency.js';
import { createLedger, type Ledger } from '../record/ledger.js';
import type { LiveCounters } from '../record/live.js';
import type { Result } from '../record/result.js';
import { concludeRun, forgetSettled, settlementOf } from './conclude.js';
import { hearNodes, type Witnesses } from './hear-nodes.js';
import type { RunRecord } from './run-record.js';
import type { RunView } from './run-view.js';
import type { Scenario } from './scenario.js';
import { saySilences } from './silence-notes.js';

/** How often the ledger forgets what is settled. */
const forgetEveryMicros = 5_000_000;

/** The books of a run: every fact of its clients stands in the record before the ledger has it. */
export class Bookkeeping {
  readonly #scenario: Scenario;
  readonly #workers: Workers;
  readonly #record: RunRecord;
  readonly #view: RunView;
  readonly #witnesses: Witnesses;
  readonly #ledger: Ledger;
  #forgotAtMicros = 0;
  #defect: unknown;

  constructor(of: { scenario: Scenario; workers: Workers; record: RunRecord; view: RunView; witnesses: Witnesses }) {
    const { plan, clocks } = of.workers;
    this.#scenario = of.scenario;
    this.#workers = of.workers;
    this.#record = of.record;
    this.#view = of.view;
    this.#witnesses = of.witnesses;
    this.#ledger = createLedger(plan, { deadlineMs: of.scenario.deadlineMs, clocks });
  }

  /**
   * Takes facts. Those that contradict the plan are a defect of ours, after which nothing more is counted.
   * @returns false when there is one
   */
  receive(facts: FactBatch): boolean {
    this.#record.clocks(this.#workers.offsets);
    this.#record.facts(facts);
    try {
      if (this.#defect === undefined) this.#ledger.add(facts);
      this.#saySilences(facts);
    } catch (error) {
      this.#defect = error;
    }
    return this.#defect === undefined;
  }

  live(): LiveCounters {
    return this.#ledger.live(Math.min(nowMicros(), this.#toldMicros()));
  }

  /** Response times since the last call of this. */
  takeRecentResponse(): Distribution {
    return this.#ledger.takeRecentResponse();
  }

  /**
   * Forgets now and then what is settled, and says so in the record: who reads it forgets at the same line.
   * @param faultsToMicros faults that began or ended before this are part of the record
   */
  forget(faultsToMicros: number): void {
    const toMicros = Math.min(faultsToMicros, this.#toldMicros());
    if (toMicros - this.#forgotAtMicros < forgetEveryMicros) return;
    this.#forgotAtMicros = toMicros;
    this.#record.tell({ type: 'faults-complete', toMicros });
    forgetSettled(this.#record.story, this.#ledger, toMicros);
  }

  /** Until when every worker has told its facts: what came after that passes for missing to nobody. */
  #toldMicros(): number {
    return this.#workers.toldAtMs() * 1000;
  }

  /** The result of the run, which has ended. Throws what facts contradicted, and AppError `accounting`. */
  async conclude(): Promise<Result> {
    if (this.#defect !== undefined) throw this.#defect;
    this.#record.clocks(this.#workers.offsets);
    const endMicros = nowMicros();
    await this.#hearNodes(endMicros);
    this.#record.tell({ type: 'run-ended', atMicros: endMicros });
    return concludeRun(this.#record.story, this.#ledger);
  }

  /** What the nodes' journals say about what is missing. */
  async #hearNodes(endMicros: number): Promise<void> {
    const settlement = settlementOf(this.#record.story, this.#workers.plan, endMicros);
    const testimony = await hearNodes(this.#ledger, settlement, this.#witnesses);
    if (testimony !== undefined) this.#record.tell({ type: 'journals-read', testimony });
  }

  #saySilences(facts: FactBatch): void {
    const { destinations, nodes } = this.#workers.plan;
    const around = { scenario: this.#scenario, destinations, view: this.#view };
    saySilences(facts, around, (client, session) => nodes[this.#ledger.nodeOf(client, session)]);
  }
}
