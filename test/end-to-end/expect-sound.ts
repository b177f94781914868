import { expect } from 'vitest';
import { causes, type Result, resultSchema } from '../../src/record/result.js';

const number = expect.any(Number);

function numbersOrNull(value: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) {
    expect(value, name).toHaveProperty(name);
    expect(value[name] === null || typeof value[name] === 'number', `${name} is ${value[name]}`).toBe(true);
  }
}

/** What every result must hold, whatever happened: all fields that others build on, and an account that balances. */
export function expectSound(result: Result): void {
  const { delivery, latency, reconnect, reach, generator, manifest } = result;
  expect(result).toMatchObject({ schema: resultSchema, seed: number, partial: expect.any(Boolean) });
  expect(['pass', 'fail', 'inconclusive']).toContain(result.verdict);
  for (const [name, count] of Object.entries(delivery)) {
    expect(Number.isInteger(count) && count >= 0, `${name} is ${count}`).toBe(true);
  }
  const { attempted, once, late, missing, absent } = delivery;
  expect(once + late + missing + absent).toBe(attempted);
  expect(delivery.required).toBeLessThanOrEqual(attempted);
  expect(Object.keys(result.missingByCause).filter((cause) => !causes.some((known) => known === cause))).toEqual([]);
  expect(Object.values(result.missingByCause).reduce((sum, count) => sum + count, 0)).toBe(missing);
  expect(result.missingByCause.unexplained ?? 0).toBe(delivery.unexplained);
  expect(Object.values(result.absentByCause).reduce((sum, count) => sum + count, 0)).toBe(absent);
  for (const quantiles of [latency.response, latency.service, latency.slip]) {
    numbersOrNull({ ...quantiles }, ['minMs', 'p50Ms', 'p90Ms', 'p99Ms', 'p999Ms', 'maxMs']);
    expect(quantiles.count).toEqual(number);
  }
  expect(latency.response.count).toBe(once + late);
  numbersOrNull({ ...reconnect }, ['p50Ms', 'p95Ms', 'maxMs']);
  for (const matrix of [reach.required, reach.arrived]) {
    expect(matrix.map((row) => row.length)).toEqual(reach.nodes.map(() => reach.nodes.length));
  }
  for (const fault of result.faults) {
    expect(fault).toMatchObject({ type: expect.any(String), node: expect.any(String), atMs: number });
    expect(fault).toMatchObject({ droppedClients: number, missing: number });
    numbersOrNull({ ...fault }, ['observedMs', 'noticedMs', 'connectedMs', 'recoveredMs', 'firstMessageMs', 'readyMs']);
  }
  expect(generator).toEqual({
    loopDelayP99Ms: number,
    utilisation: number,
    saturated: expect.any(Boolean),
    droppedSends: number,
  });
  for (const threshold of result.thresholds) {
    expect(threshold).toMatchObject({ metric: expect.any(String), expression: expect.any(String) });
    expect(threshold).toMatchObject({ ok: expect.any(Boolean), inconclusive: expect.any(Boolean) });
    numbersOrNull({ ...threshold }, ['actual', 'line']);
  }
  expect(manifest).toMatchObject({ version: expect.any(String), scenario: expect.any(String), nodes: number });
  expect(manifest).toMatchObject({ command: expect.stringContaining(`--seed ${result.seed}`), clients: number });
}
