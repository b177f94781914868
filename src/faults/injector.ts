import { nowMicros } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Fault, FaultRequest, FaultScene, Injection } from './fault.js';
import { faultOf, faults, requestOf } from './registry.js';

/** What would outlive the run. */
interface Wound {
  readonly name: string;
  readonly request: FaultRequest;
  /** While it is being undone. */
  undoing: Promise<void> | undefined;
}

/** Does faults to one cluster and remembers what must be undone, whatever way the run ends. */
export class Injector {
  readonly #scene: FaultScene;
  /** When each injection began that its caller has not told yet. */
  readonly #untold: number[] = [];
  readonly #toHeal = new Map<string, Wound>();

  constructor(scene: FaultScene) {
    this.#scene = scene;
  }

  /** Never rejects: a fault that did not happen is a finding of the run, not the end of it. */
  async inject(name: string, request: FaultRequest): Promise<Injection> {
    const fault = faultOf(request.type);
    if (fault.heal !== undefined) this.#toHeal.set(keyOf(name, request), { name, request, undoing: undefined });
    const { disturbs, brings } = fault;
    const { lasts, killed } = traitsOf(fault, request);
    const traits = { type: request.type, name, killed, disturbs, endedBy: lasts ? endingsOf(fault) : [] };
    const injection = await this.#observe(traits, () => fault.inject(this.#scene, name, request.options));
    const { atMicros, observedAtMicros } = injection;
    if (!brings || observedAtMicros === undefined) return injection;
    return { ...injection, readyMs: (observedAtMicros - atMicros) / 1000 };
  }

  /**
   * Ends what lasts, or brings back what is down; never rejects. It is recorded as the verb by which a step ends it, or
   * where there is none as `heal-` and its own.
   * @param begunAtMicros the injection that this ends, where what its own heal undoes is that one alone
   */
  async end(name: string, request: FaultRequest, begunAtMicros?: number): Promise<Injection> {
    const fault = faultOf(request.type);
    if (fault.broughtBackBy !== undefined) return this.inject(name, requestOf(fault.broughtBackBy));
    const [type = healOf(fault)] = endingsOf(fault);
    if (fault.endedBy !== 'heal') return this.inject(name, requestOf(type));
    const ends = begunAtMicros === undefined ? {} : { ends: begunAtMicros };
    return this.#observe({ type, name, killed: false, disturbs: false, endedBy: [], ...ends }, async () => {
      const wound = this.#toHeal.get(keyOf(name, request));
      if (wound !== undefined) await this.#undo(wound);
    });
  }

  /** Whether that is a process which is not there now, whoever ended it. */
  isDown(name: string): boolean {
    const process = this.#scene.cluster.lastStatus.find((each) => each.name === name);
    return process?.state === 'down' || process?.state === 'failed';
  }

  /** Since when something is under way, or has ended and was not told yet; Infinity when nothing is. */
  untoldSinceMicros(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#untold);
  }

  /** An injection has become part of the record. */
  told({ atMicros }: Injection): void {
    const index = this.#untold.indexOf(atMicros);
    if (index >= 0) this.#untold.splice(index, 1);
  }

  /**
   * Undoes everything that would outlive the run.
   * @param target only what was done to this; everything when undefined
   * @returns what could not be undone, as sentences
   */
  async heal(target?: Fault['target']): Promise<string[]> {
    const failures: string[] = [];
    for (const wound of this.#toHeal.values()) {
      const { name, request } = wound;
      if (target !== undefined && faultOf(request.type).target !== target) continue;
      try {
        await this.#undo(wound);
      } catch (error) {
        this.#forget(wound);
        failures.push(`${request.type} ${name} could not be undone: ${messageOf(error)}`);
      }
    }
    return failures;
  }

  /** Once, however many ask meanwhile, such as a run that is ended at once while it undoes what it did. */
  #undo(wound: Wound): Promise<void> {
    wound.undoing ??= this.#tryToUndo(wound);
    return wound.undoing;
  }

  async #tryToUndo(wound: Wound): Promise<void> {
    const { name, request } = wound;
    try {
      await faultOf(request.type).heal?.(this.#scene, name, request.options);
      this.#forget(wound);
    } finally {
      wound.undoing = undefined;
    }
  }

  /** Unless the same was done again meanwhile. */
  #forget(wound: Wound): void {
    const key = keyOf(wound.name, wound.request);
    if (this.#toHeal.get(key) === wound) this.#toHeal.delete(key);
  }

  async #observe(
    traits: Pick<Injection, 'type' | 'name' | 'killed' | 'disturbs' | 'endedBy' | 'ends'>,
    act: () => Promise<void>,
  ): Promise<Injection> {
    const atMicros = nowMicros();
    this.#untold.push(atMicros);
    let failure: string | undefined;
    try {
      await act();
    } catch (error) {
      failure = messageOf(error);
    }
    const observedAtMicros = failure === undefined ? nowMicros() : undefined;
    return { ...traits, atMicros, observedAtMicros, failure, readyMs: null };
  }
}

function keyOf(name: string, { type, options }: FaultRequest): string {
  return JSON.stringify([type, name, options]);
}

function healOf({ verb }: Fault): string {
  return `heal-${verb}`;
}

function traitsOf(fault: Fault, { options }: FaultRequest): { lasts: boolean; killed: boolean } {
  return fault.traitsOf?.(options) ?? { lasts: fault.endedBy !== undefined, killed: fault.killed };
}

/** What ends a fault that lasts, its own ending first. What lasts in a process ends with the life of that too. */
function endingsOf(fault: Fault): readonly string[] {
  if (fault.endedBy === undefined) return [];
  const own = fault.endedBy === 'heal' ? healOf(fault) : fault.endedBy;
  if (fault.target !== 'process' || fault.outlivesProcess) return [own];
  return [own, ...verbsOfLife()];
}

/** What begins or ends the life of a process. */
function verbsOfLife(): string[] {
  const endings = new Set(faults.map(({ endedBy }) => endedBy));
  const atOnce = faults.filter(({ target, endedBy }) => target === 'process' && endedBy === undefined);
  return atOnce.map(({ verb }) => verb).filter((verb) => !endings.has(verb));
}
