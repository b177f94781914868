import { repeat } from '../repeat.js';

export const title = 'runs killed with SIGKILL at any moment: nothing is left after two seconds, the next one passes';

export async function perform({ library, isQuick, say }) {
  const count = isQuick ? 5 : 100;
  const { failures, outcomes } = await repeat(count, { library, say }, (place, name, afterMs) =>
    library.killSupervisor(place, name, afterMs),
  );
  const details = failures.slice(0, 5);
  const slowestMs = Math.max(0, ...outcomes);
  return {
    figure: `${count - failures.length} of ${count}; nothing left after ${slowestMs.toFixed(0)} ms at the latest`,
    limit: 'all within 2,000 ms',
    ok: failures.length === 0,
    details,
  };
}
