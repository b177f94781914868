import type { ArrivalColumns, Column, FactBatch, PublishColumns, SettlementColumns } from '../record/history.js';

type Ids = Pick<PublishColumns, 'publisher' | 'epoch' | 'destination' | 'sequence'>;

/** The part of a record that was cut whose deliveries can be told from missing ones. */
export interface SettledPart {
  /** Looks at publishes. Every batch must have been seen before the first is reduced. */
  see(batch: FactBatch): void;
  /** The batch without what concerns younger messages. */
  reduce(batch: FactBatch): FactBatch;
}

/**
 * Messages written until `untilMicros`. A younger one may have been on its way when the record ended, and each worker
 * took the last quarter of a second of its facts along: its arrivals say nothing, nor does that there are none.
 *
 * Sequences are dense and grow with time, so one number for each stream tells old messages from young ones, also those
 * of which only the arrival was recorded.
 */
export function settledPart(untilMicros: number): SettledPart {
  const lastSequences = new Map<string, number>();
  const streamOf = (ids: Ids, row: number): string => `${ids.publisher[row]} ${ids.epoch[row]} ${ids.destination[row]}`;
  const isOld = (ids: Ids, row: number): boolean =>
    (ids.sequence[row] as number) <= (lastSequences.get(streamOf(ids, row)) ?? 0);
  return {
    see({ publishes }) {
      for (let row = 0; row < publishes.publisher.length; row++) {
        const [writtenAtMicros, stream] = [publishes.writtenAtMicros[row] as number, streamOf(publishes, row)];
        const atMicros = Number.isNaN(writtenAtMicros) ? (publishes.intendedAtMicros[row] as number) : writtenAtMicros;
        if (atMicros > untilMicros) continue;
        lastSequences.set(stream, Math.max(lastSequences.get(stream) ?? 0, publishes.sequence[row] as number));
      }
    },
    reduce({ sessions, publishes, settlements, arrivals }) {
      // An arrival from before the boundary is of an old message, or of one that was never written: both count.
      const isKept = (row: number): boolean =>
        (arrivals.atMicros[row] as number) <= untilMicros || isOld(arrivals, row);
      return {
        sessions,
        publishes: rowsWhere<keyof PublishColumns>(publishes, (row) => isOld(publishes, row)),
        settlements: rowsWhere<keyof SettlementColumns>(settlements, (row) => isOld(settlements, row)),
        arrivals: rowsWhere<keyof ArrivalColumns>(arrivals, isKept),
      };
    },
  };
}

function rowsWhere<Name extends string>(
  columns: { readonly [Key in Name]: Column },
  isKept: (row: number) => boolean,
): Record<Name, number[]> {
  const kept = {} as Record<Name, number[]>;
  for (const name of Object.keys(columns) as Name[]) {
    kept[name] = Array.from(columns[name]).filter((_, row) => isKept(row));
  }
  return kept;
}
