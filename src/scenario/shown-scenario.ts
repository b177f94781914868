import { redactUrl } from '../core/redact.js';
import type { Scenario } from './scenario.js';

const hidden = '***';

/** A scenario as it may be written down: without the passwords, tokens and headers that open a system. */
export function shownScenario(scenario: Scenario): Scenario {
  const { system } = scenario;
  if (system.type === 'cluster') return { ...scenario, system: { ...system, broker: redactUrl(system.broker) } };
  const headers = Object.fromEntries(Object.keys(system.headers).map((name) => [name, hidden]));
  const login = system.login === undefined ? undefined : hidden;
  const passcode = system.passcode === undefined ? undefined : hidden;
  return { ...scenario, system: { ...system, urls: system.urls.map(redactUrl), login, passcode, headers } };
}
