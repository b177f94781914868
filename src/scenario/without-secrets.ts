import { unreachable } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { Scenario } from './scenario.js';

const hidden = '***';

/** The scenario as it may be written down: what a stranger could use to get in is replaced by `***`. */
export function withoutSecrets(scenario: Scenario): Scenario {
  return { ...scenario, system: systemWithoutSecrets(scenario.system) };
}

function systemWithoutSecrets(system: Scenario['system']): Scenario['system'] {
  switch (system.type) {
    case 'cluster':
      return { ...system, broker: redactUrl(system.broker), sessions: redactUrl(system.sessions) };
    case 'target':
      return {
        ...system,
        urls: system.urls.map(redactUrl),
        login: system.login && hidden,
        passcode: system.passcode && hidden,
        // Any header may be the one by which the target knows us.
        headers: Object.fromEntries(Object.keys(system.headers).map((name) => [name, hidden])),
      };
    default:
      return unreachable(system);
  }
}
