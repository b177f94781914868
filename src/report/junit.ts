import type { Result, ThresholdReport } from '../record/result.js';
import { formatActual } from './figures.js';
import { expectedPairs } from './summary/delivery.js';
import { untrusted } from './untrusted.js';

/** What became of one test case: nothing to say, or why it failed or could not be judged. */
type Outcome = { readonly type: 'passed' } | { readonly type: 'failure' | 'error'; readonly message: string };

interface TestCase {
  readonly name: string;
  readonly group: string;
  readonly outcome: Outcome;
}

/** Characters that XML 1.0 cannot carry even as references [XML 1.0, 2.2 Characters]; `untrusted` leaves these two. */
const illegal = /[\ufffe\uffff]/g;

/**
 * The result as JUnit XML for CI: a test case per threshold, one for the contract, one for the
 * accounting. What could not be judged is an `error`, because a skipped case would look green.
 * Everything is in attributes, so `]]>` can end nothing.
 */
export function formatJunit(result: Result): string {
  const cases = [
    ...result.thresholds.map((threshold) => thresholdCase(threshold, result)),
    contractCase(result),
    accountingCase(result),
  ];
  const failures = cases.filter((testCase) => testCase.outcome.type === 'failure').length;
  const errors = cases.filter((testCase) => testCase.outcome.type === 'error').length;
  const seconds = (result.manifest.durationMs / 1000).toFixed(3);
  const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="cluster-chat" ${counts}>`,
    `  <testsuite name="${attribute(result.name)}" ${counts} timestamp="${attribute(result.manifest.startedAt)}">`,
    '    <properties>',
    property('seed', String(result.seed)),
    property('verdict', result.verdict),
    property('command', result.manifest.command),
    '    </properties>',
    ...cases.flatMap((testCase) => caseLines(testCase)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function thresholdCase(threshold: ThresholdReport, result: Result): TestCase {
  const name = `${threshold.metric} ${threshold.expression}`;
  const actual = formatActual(threshold, expectedPairs(result.delivery));
  if (threshold.inconclusive)
    return { name, group: 'thresholds', outcome: { type: 'error', message: `not judged: ${actual}` } };
  if (threshold.ok) return { name, group: 'thresholds', outcome: { type: 'passed' } };
  const place = threshold.line === null ? '' : ` (line ${threshold.line} of the scenario)`;
  return { name, group: 'thresholds', outcome: { type: 'failure', message: `was ${actual}${place}` } };
}

/** A run fails by a threshold or by its contract; reasons that begin with `contract` are the contract's. */
function contractCase(result: Result): TestCase {
  const named = { name: `contract ${result.contract}`, group: 'contract' };
  const broken = result.reasons.filter((reason) => reason.startsWith('contract'));
  const thresholdFailed = result.thresholds.some((threshold) => !threshold.ok && !threshold.inconclusive);
  if (result.verdict === 'fail' && (broken.length > 0 || !thresholdFailed)) {
    const message = (broken.length > 0 ? broken : result.reasons).join('; ');
    return { ...named, outcome: { type: 'failure', message } };
  }
  if (result.verdict === 'inconclusive') {
    return { ...named, outcome: { type: 'error', message: `inconclusive: ${result.reasons.join('; ')}` } };
  }
  return { ...named, outcome: { type: 'passed' } };
}

/** The ledger's identity, checked once more on what is printed: a lost figure must not look like a lost message. */
function accountingCase(result: Result): TestCase {
  const { attempted, once, late, missing, absent } = result.delivery;
  const named = { name: 'accounting', group: 'accounting' };
  if (attempted === once + late + missing + absent) return { ...named, outcome: { type: 'passed' } };
  const message = `attempted ${attempted} is not once ${once} + late ${late} + missing ${missing} + absent ${absent}`;
  return { ...named, outcome: { type: 'failure', message } };
}

function caseLines(testCase: TestCase): string[] {
  const head = `    <testcase classname="cluster-chat.${testCase.group}" name="${attribute(testCase.name)}"`;
  if (testCase.outcome.type === 'passed') return [`${head}/>`];
  return [
    `${head}>`,
    `      <${testCase.outcome.type} message="${attribute(testCase.outcome.message)}"/>`,
    '    </testcase>',
  ];
}

function property(name: string, value: string): string {
  return `      <property name="${name}" value="${attribute(value)}"/>`;
}

function attribute(text: string): string {
  return untrusted(text, true)
    .replace(illegal, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}
