import type { Column, FactBatch, SessionFact } from '../record/history.js';

function earlier(times: Column, byMicros: number): Column {
  return Float64Array.from(times, (atMicros) => atMicros - byMicros);
}

function sessionEarlier(fact: SessionFact, byMicros: number): SessionFact {
  const moved = { ...fact, atMicros: fact.atMicros - byMicros };
  if (moved.type === 'session-closed') return { ...moved, lastByteAtMicros: moved.lastByteAtMicros - byMicros };
  if (moved.type === 'subscription-silent') return { ...moved, sinceMicros: moved.sinceMicros - byMicros };
  return moved;
}

/** Facts as they were seen by a clock that is behind by so much; the very same object when it is not behind at all. */
export function factsEarlier(facts: FactBatch, byMicros: number): FactBatch {
  if (byMicros === 0) return facts;
  const { sessions, publishes, settlements, arrivals } = facts;
  return {
    sessions: sessions.map((fact) => sessionEarlier(fact, byMicros)),
    publishes: {
      ...publishes,
      intendedAtMicros: earlier(publishes.intendedAtMicros, byMicros),
      writtenAtMicros: earlier(publishes.writtenAtMicros, byMicros),
    },
    settlements: { ...settlements, atMicros: earlier(settlements.atMicros, byMicros) },
    arrivals: { ...arrivals, atMicros: earlier(arrivals.atMicros, byMicros) },
  };
}
