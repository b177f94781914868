/** What a user misses while away, and at the edges of it: nobody can make up for it without history. */
const awayCauses = ['not-subscribed', 'subscription-race', 'in-flight'];

/** The causes of missing deliveries that a broker's declared guarantees leave open under a fault. */
export function allowedCauses(guarantees, fault) {
  const allowed = new Set();
  if (guarantees.history === 'none') {
    for (const cause of awayCauses) allowed.add(cause);
    // What the other nodes said while a node had no link to the broker cannot be asked for.
    if (fault.isCut) allowed.add('broker-gap');
  }
  if (guarantees.reach === 'node') allowed.add('broker-gap');
  if (guarantees.delivery === 'at-most-once') allowed.add('origin-died');
  return allowed;
}

/** Judges one run. @returns the problems, none of which a guarantee excuses, as sentences */
export function problemsOf(result, guarantees, fault) {
  const { delivery, missingByCause } = result;
  const allowed = allowedCauses(guarantees, fault);
  const problems = [];
  for (const [cause, count] of Object.entries(missingByCause)) {
    if (count > 0 && !allowed.has(cause)) problems.push(`${count} ${cause}`);
  }
  if (delivery.unexpected > 0) problems.push(`${delivery.unexpected} unexpected`);
  if (guarantees.order === 'per-publisher' && delivery.reordered > 0) problems.push(`${delivery.reordered} reordered`);
  if (delivery.required === 0) problems.push('nothing was required');
  problems.push(...balanceProblems(result), ...faultProblems(result, fault), ...doubtsOf(result, guarantees));
  return problems;
}

/** The account's identity, checked once more by somebody else. */
function balanceProblems({ delivery, missingByCause }) {
  const { attempted, once, late, missing, absent } = delivery;
  const explained = Object.values(missingByCause).reduce((sum, count) => sum + count, 0);
  const problems = [];
  if (once + late + missing + absent !== attempted) problems.push('the account does not balance');
  if (explained !== missing) problems.push(`${missing} missing, but ${explained} with a cause`);
  return problems;
}

function faultProblems({ faults }, fault) {
  const unseen = faults.filter(({ observed }) => !observed);
  const problems = unseen.map(({ type, node }) => `${type} ${node} was not seen`);
  if (faults.length === 0) problems.push('no fault happened');
  const dropped = faults.reduce((sum, { droppedClients }) => sum + droppedClients, 0);
  if (fault.dropsClients && dropped === 0) problems.push('the fault dropped nobody');
  return problems;
}

/** Why the run itself is unsure. Where a node reaches only its own, the last fences of the others never come. */
function doubtsOf({ verdict, reasons }, guarantees) {
  if (verdict === 'pass') return [];
  return reasons.filter((reason) => guarantees.reach === 'cluster' || !reason.startsWith('the drain did not end'));
}

/** What a cell of the table says of all its runs: `pass`, the gap with its causes, or what is wrong. */
export function cellText(runs) {
  const problems = runs.flatMap((run) => run.problems.map((problem) => `${problem} (seed ${run.seed})`));
  if (problems.length > 0) return `FAIL ${problems.join(', ')}`;
  const sums = new Map();
  for (const { missingByCause } of runs) {
    for (const [cause, count] of Object.entries(missingByCause)) sums.set(cause, (sums.get(cause) ?? 0) + count);
  }
  const parts = [...sums].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  return parts.length === 0 ? 'pass' : `gap ${parts.map(([cause, count]) => `${count} ${cause}`).join(', ')}`;
}
