import { repeat } from '../repeat.js';

export const title = 'runs killed with SIGKILL at any moment: nothing is left after two seconds, the next one passes';

export async function perform({ library, isQuick, say }) {
  const count = isQuick ? 5 : 100;
  const { failures } = await repeat(count, { library, say }, (place, name, afterMs) =>
    library.killSupervisor(place, name, afterMs),
  );
  const details = failures.slice(0, 5);
  return { figure: `${count - failures.length} of ${count}`, limit: 'all', ok: failures.length === 0, details };
}
