import { unreachable } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatCount, formatDuration, formatSize } from '../core/quantity.js';
import { redactUrl } from '../core/redact.js';
import { visible } from '../core/visible.js';
import type { Chaos, ClientGroup, Scenario, Step } from '../scenario/scenario.js';
import { listBuiltins } from '../scenario/source.js';
import { describeStep, describeTime } from '../scenario/step-words.js';
import { type CommandContext, printLine } from './context.js';

/** `cluster-chat run` without a scenario: what there is to run. */
export async function listScenarios(context: CommandContext): Promise<ExitCode> {
  const builtins = await listBuiltins();
  const width = Math.max(...builtins.map(({ name }) => name.length));
  printLine(context, 'Built-in scenarios:');
  for (const { name, summary } of builtins) printLine(context, `  ${name.padEnd(width)}  ${visible(summary)}`);
  printLine(context, '');
  printLine(context, 'Run one by its name, or a file:  cluster-chat run failover');
  return exitCode.ok;
}

/** `--dry-run`: what would be started, who would connect, and what would happen to whom; nothing is started. */
export function describeRun(
  scenario: Scenario,
  run: { seed: number; workers: number; command: string },
  context: CommandContext,
): ExitCode {
  const { warmupMs, durationMs, thresholds } = scenario;
  const lines = [
    `${scenario.name}`,
    `  seed       ${run.seed}`,
    `  system     ${systemWords(scenario.system)}`,
    ...scenario.clients.map((group) => `  clients    ${groupWords(group)} (${run.workers} worker processes)`),
    `  load       ${warmupMs > 0 ? `${formatDuration(warmupMs)} of warm-up, then ` : ''}${formatDuration(durationMs)}`,
    ...scenario.steps.map((step) => `  ${stepWords(step, scenario.steps)}`),
    ...scenario.chaos.map((chaos) => `  ${chaosWords(chaos)}`),
    `  contract   ${scenario.contract}`,
    ...thresholds.map(({ metric, text }) => `  threshold  ${metric} ${text}`),
    '',
    'Nothing was started. To run it:',
    `  ${run.command}`,
  ];
  for (const line of lines) printLine(context, visible(line));
  return exitCode.ok;
}

function systemWords(system: Scenario['system']): string {
  switch (system.type) {
    case 'cluster': {
      const balancer = system.balancer.kind === 'none' ? 'no balancer' : `balancer ${system.balancer.kind}`;
      const policy = system.balancer.kind === 'none' ? '' : ` (${system.balancer.policy})`;
      return `${system.nodes} nodes, broker ${redactUrl(system.broker)}, ${balancer}${policy}`;
    }
    case 'target':
      return `running elsewhere: ${system.urls.map(redactUrl).join(', ')}`;
    default:
      return unreachable(system);
  }
}

function groupWords(group: ClientGroup): string {
  const { name, count, rooms, send } = group;
  const sends =
    send === undefined ? 'listening only' : `each ${formatSize(send.sizeBytes)} every ${formatDuration(send.everyMs)}`;
  return `${formatCount(count)} ${name} in ${formatCount(rooms)} rooms, ${sends}`;
}

function stepWords(step: Step, steps: readonly Step[]): string {
  const time = describeTime(step, steps);
  // Times from the start stand in a column.
  return `${time.startsWith('at ') ? time.padEnd(10) : time} ${nameWords(step)}`;
}

function nameWords(step: Step): string {
  const names = step.targets === 'random' ? ['a node that the seed chooses'] : step.targets;
  return names.map((name) => describeStep(step, name)).join(', ');
}

function chaosWords({ atMs, budget, gapMs, atOnce, faults }: Chaos): string {
  const apart = gapMs === 0 ? '' : `, at least ${formatDuration(gapMs)} apart`;
  const choice = faults.map(nameWords).join('; or ');
  return `chaos      ${budget} faults from ${formatDuration(atMs)} on${apart}, ${atOnce} at a time: ${choice}`;
}
