import { AppError } from '../core/errors.js';
import { formatCount } from '../core/quantity.js';
import { disturbedLinks } from './disturbed-links.js';
import type { Scenario } from './scenario.js';

/** Descriptors that a process needs beside its connections: logs, pipes, the event loop's own. */
const spareDescriptors = 64;
/** Clients that one worker carries well; more workers than cores help only with descriptors. */
const clientsPerWorker = 2_500;

/** How many clients a scenario has in all. */
export function clientCount(scenario: Pick<Scenario, 'clients'>): number {
  return scenario.clients.reduce((sum, group) => sum + group.count, 0);
}

/** How many worker processes carry the clients of a scenario. */
export function workerCount(clients: number, cpus: number, descriptors: number | undefined): number {
  const byWork = Math.min(cpus, Math.ceil(clients / clientsPerWorker));
  const byDescriptors = descriptors === undefined ? 1 : Math.ceil(clients / Math.max(1, descriptors * 0.8));
  return Math.max(1, byWork, byDescriptors);
}

/** Most descriptors that any one process of the run will need. */
function needOf(scenario: Scenario, workers: number): { readonly process: string; readonly descriptors: number } {
  const clients = clientCount(scenario);
  const needs = [{ process: 'a worker', descriptors: Math.ceil(clients / workers) + 8 + spareDescriptors }];
  if (scenario.system.type === 'cluster') {
    const { nodes, balancer } = scenario.system;
    const throughBalancer = scenario.clients
      .filter((group) => group.connect.via === 'balancer')
      .reduce((sum, group) => sum + group.count, 0);
    // A node that dies leaves its clients to the others, and a shaken balance may leave them to few.
    const survivors = Math.max(1, nodes - 1);
    needs.push({ process: 'a node', descriptors: Math.ceil((clients / survivors) * 1.25) + spareDescriptors });
    if (balancer.kind === 'embedded') {
      needs.push({ process: 'the balancer', descriptors: throughBalancer * 2 + spareDescriptors });
    }
    if (disturbedLinks(scenario).includes('clients')) {
      // A connection in a blackhole stays until it heals, beside the one with which its client came back.
      needs.push({ process: 'the process of the passages', descriptors: clients * 4 + spareDescriptors });
    }
  }
  return needs.reduce((worst, need) => (need.descriptors > worst.descriptors ? need : worst));
}

/**
 * Refuses a run that this machine cannot carry, before anything is started.
 * @throws AppError `descriptors` with the command that mends it
 */
export function checkDescriptors(scenario: Scenario, workers: number, limit: number | undefined): void {
  if (limit === undefined) return;
  const need = needOf(scenario, workers);
  if (need.descriptors <= limit) return;
  const balancerHint =
    need.process === 'the balancer' ? ', or connect to the nodes directly: --set cluster.balancer.kind=none' : '';
  throw new AppError(
    'descriptors',
    `${need.process} needs ${formatCount(need.descriptors)} file descriptors, the limit is ${formatCount(limit)}.`,
    {
      hint: `Raise it (ulimit -Hn ${need.descriptors}; ulimit -n ${need.descriptors}), use fewer clients${balancerHint}.`,
    },
  );
}
