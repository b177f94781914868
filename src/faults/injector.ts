import { nowMicros } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Fault, FaultRequest, FaultScene, Injection } from './fault.js';
import { faultOf, requestOf } from './registry.js';

/** Does faults to one cluster and remembers what must be undone, whatever way the run ends. */
export class Injector {
  readonly #scene: FaultScene;
  readonly #toHeal = new Map<string, { readonly name: string; readonly request: FaultRequest }>();

  constructor(scene: FaultScene) {
    this.#scene = scene;
  }

  /** Never rejects: a fault that did not happen is a finding of the run, not the end of it. */
  async inject(name: string, request: FaultRequest): Promise<Injection> {
    const fault = faultOf(request.type);
    if (fault.heal !== undefined) {
      this.#toHeal.set(JSON.stringify([request.type, name, request.options]), { name, request });
    }
    return this.#observe(fault, request.type, name, () => fault.inject(this.#scene, name, request.options));
  }

  /**
   * Ends what lasts; never rejects. It is recorded as the verb by which a step ends it, or where there is none as
   * `heal-` and its own.
   */
  async end(name: string, request: FaultRequest): Promise<Injection> {
    const fault = faultOf(request.type);
    if (fault.endedBy !== 'heal' && fault.endedBy !== undefined) return this.inject(name, requestOf(fault.endedBy));
    const healing = { ...fault, killed: false, disturbs: false, brings: false, endedBy: undefined };
    return this.#observe(healing, `heal-${request.type}`, name, async () => {
      await fault.heal?.(this.#scene, name, request.options);
    });
  }

  /** Undoes everything that would outlive the run. @returns what could not be undone, as sentences */
  async heal(): Promise<string[]> {
    const failures: string[] = [];
    for (const { name, request } of this.#toHeal.values()) {
      try {
        await faultOf(request.type).heal?.(this.#scene, name, request.options);
      } catch (error) {
        failures.push(`${request.type} ${name} could not be undone: ${messageOf(error)}`);
      }
    }
    this.#toHeal.clear();
    return failures;
  }

  async #observe(
    traits: Pick<Fault, 'killed' | 'disturbs' | 'brings'> & { readonly endedBy?: string | undefined },
    type: string,
    name: string,
    act: () => Promise<void>,
  ): Promise<Injection> {
    const { killed, disturbs, brings, endedBy } = traits;
    const atMicros = nowMicros();
    let failure: string | undefined;
    try {
      await act();
    } catch (error) {
      failure = messageOf(error);
    }
    const endedAtMicros = nowMicros();
    const isSeen = failure === undefined;
    return {
      ...{ type, name, atMicros, failure, killed, disturbs },
      observedAtMicros: isSeen ? endedAtMicros : undefined,
      lasts: endedBy !== undefined,
      readyMs: brings && isSeen ? (endedAtMicros - atMicros) / 1000 : null,
    };
  }
}
