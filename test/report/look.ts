import { formatJson } from '../../src/report/json.js';
import { formatJunit } from '../../src/report/junit.js';
import { formatSummary } from '../../src/report/summary.js';
import { failed, inconclusive, passed } from './results.js';

const o = {
  color: process.argv[2] === 'color',
  unicode: process.argv[2] !== 'ascii',
  width: 100,
  scenarioPath: 'scenarios/failover.yaml',
  runDir: '.cluster-chat/runs/x',
  repeatCommand: 'npx cluster-chat run failover --seed 4711',
};
for (const r of [passed, failed, inconclusive]) process.stdout.write(formatSummary(r, o));
console.log(formatJunit(failed));
console.log(formatJson(failed).slice(0, 700));
