import { run } from '../../bench/rows/hostile-peers.js';

export const title = 'Hostile peers: p99 of the others, and the memory of the node when they have left';

/** Measured as in the benchmark of the same name. */
export async function perform({ isQuick }) {
  const rows = await run({ quick: isQuick });
  return {
    figure: rows
      .map(({ figure, reference, unit }) => `${figure.toFixed(1)} ${unit} for ${reference.toFixed(1)}`)
      .join(', '),
    limit: rows.map(({ limit }) => limit).join(', '),
    ok: rows.every(({ ok }) => ok),
    details: rows,
  };
}
