import { repeat } from '../repeat.js';

export const title = 'Ctrl-C at any moment: right exit code, a report that can be read, nothing left running';

export async function perform({ library, isQuick, say }) {
  const count = isQuick ? 10 : 200;
  const { failures, outcomes } = await repeat(count, { library, say }, (place, name, afterMs) =>
    library.interruptRun(place, name, afterMs),
  );
  const of = (outcome) => outcomes.filter((each) => each === outcome).length;
  return {
    figure: `${count - failures.length} of ${count}; ${of('before the load')} before the load, ${of('partial')} partial, ${of('whole')} whole`,
    limit: 'all, some of each',
    ok: failures.length === 0 && (isQuick || ['before the load', 'partial', 'whole'].every((each) => of(each) > 0)),
    details: failures.slice(0, 5),
  };
}
