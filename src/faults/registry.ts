import { bandwidthFault } from './bandwidth.js';
import { blackholeFault } from './blackhole.js';
import { clockFault } from './clock.js';
import { cutFault } from './cut.js';
import { execFault } from './exec.js';
import { exhaustFault } from './exhaust.js';
import type { Fault, FaultRequest } from './fault.js';
import { fillFault } from './fill.js';
import { killFault } from './kill.js';
import { latencyFault } from './latency.js';
import { mendFault } from './mend.js';
import type { OptionValue } from './option.js';
import { pauseFault } from './pause.js';
import { reloadFault } from './reload.js';
import { resetFault } from './reset.js';
import { restartFault } from './restart.js';
import { sliceFault } from './slice.js';
import { stallFault } from './stall.js';
import { startFault } from './start.js';
import { stopFault } from './stop.js';
import { stormFault } from './storm.js';
import { unpauseFault } from './unpause.js';

/** Every fault, in the order in which messages and the reference name them. */
export const faults: readonly Fault[] = [
  killFault,
  stopFault,
  startFault,
  restartFault,
  pauseFault,
  unpauseFault,
  cutFault,
  mendFault,
  resetFault,
  blackholeFault,
  latencyFault,
  bandwidthFault,
  sliceFault,
  execFault,
  stormFault,
  stallFault,
  reloadFault,
  clockFault,
  exhaustFault,
  fillFault,
];

/** The fault of a verb that passed the checks. */
export function faultOf(verb: string): Fault {
  const fault = faults.find((each) => each.verb === verb);
  if (fault === undefined) throw new Error(`no fault is called ${verb}`);
  return fault;
}

/** Asks for a fault with what was said about it, and with the default of every option about which nothing was. */
export function requestOf(verb: string, said: Readonly<Record<string, OptionValue | undefined>> = {}): FaultRequest {
  const options: Record<string, OptionValue> = {};
  for (const [name, option] of Object.entries(faultOf(verb).options)) {
    const value = said[name] ?? option.default;
    if (value === undefined) throw new Error(`${verb} without ${name} passed the checks`);
    options[name] = value;
  }
  return { type: verb, options };
}
