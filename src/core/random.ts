import { randomBytes } from 'node:crypto';

/** A seeded source of chance: the same seed gives the same run. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** An integer in [0, limit). */
  int(limit: number): number;
  /** An independent source derived from this seed and a label; does not advance this one. */
  fork(label: string): Random;
}

/** FNV-1a over the label, mixed with the seed; spreads near seeds apart. */
function mix(seed: number, label: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, full period, good enough for schedules. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    int: (limit) => Math.floor(next() * limit),
    fork: (label) => createRandom(mix(seed, label)),
  };
}

/** A seed for a run whose user named none. */
export function randomSeed(): number {
  return randomBytes(4).readUInt32BE() % 1_000_000;
}

/** An unguessable identifier of `bytes` random bytes, in hexadecimal. */
export function randomToken(bytes = 16): string {
  return randomBytes(bytes).toString('hex');
}
