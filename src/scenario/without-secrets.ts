import { unreachable } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import { redactText } from '../core/redact-text.js';
import type { Scenario, Step } from './scenario.js';

const hidden = '***';

/** The scenario as it may be written down: what a stranger could use to get in is replaced by `***`. */
export function withoutSecrets(scenario: Scenario): Scenario {
  const { system, steps, chaos } = scenario;
  return {
    ...scenario,
    system: systemWithoutSecrets(system),
    steps: steps.map(stepWithoutSecrets),
    chaos: chaos.map((each) => ({ ...each, faults: each.faults.map(stepWithoutSecrets) })),
  };
}

/** The words of a command may be URLs. */
function stepWithoutSecrets(step: Step): Step {
  const options = Object.entries(step.options).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.map(redactText) : value] as const;
  });
  return { ...step, options: Object.fromEntries(options) };
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
