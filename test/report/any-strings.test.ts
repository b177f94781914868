import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { formatJson } from '../../src/report/json.js';
import { formatJunit } from '../../src/report/junit.js';
import { formatEvent, formatPlain } from '../../src/report/plain.js';
import { formatSummary } from '../../src/report/summary.js';
import { propertyRuns } from '../property-runs.js';
import { hostileStrings, obeyedByTerminals } from './hostile.js';
import { failed } from './results.js';
import { readXml } from './well-formed-xml.js';

const options = { color: true, unicode: true, width: 100, repeatCommand: 'npx cluster-chat run failover' };
/** Words that decide what is reported, and so must stay. */
const own = new Set(['fail', 'at-least-once', 'cluster-chat/result@1']);

const hostile = fc.constantFrom(...hostileStrings.filter(({ length }) => length < 1_000));
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((codes) => String.fromCharCode(...codes)),
  fc.tuple(hostile, hostile).map((texts) => texts.join('')),
);

/** A result in which each string is another of the texts. */
function filledWith(texts: readonly string[]): Result {
  let next = 0;
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return own.has(part) ? part : texts[next++ % texts.length];
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, child]) => [key, walk(child)]));
  };
  return walk(failed) as Result;
}

const results = fc.array(anyText, { minLength: 1, maxLength: 12 }).map(filledWith);

describe('with whatever text in a result', () => {
  it('JUnit is well-formed XML, with the same elements, and harmless to read', () => {
    const elements = (text: string): unknown[] => {
      const names = (element: ReturnType<typeof readXml>): unknown[] => [element.name, ...element.children.map(names)];
      return names(readXml(text));
    };
    const expected = elements(formatJunit(filledWith(['harmless'])));
    fc.assert(
      fc.property(results, (result) => {
        const text = formatJunit(result);
        expect(elements(text)).toEqual(expected);
        expect(obeyedByTerminals(text)).toEqual([]);
      }),
      propertyRuns(1_000),
    );
  });

  it('JSON is the same result to a parser, and harmless to read', () => {
    fc.assert(
      fc.property(results, (result) => {
        const text = formatJson(result);
        expect(JSON.parse(text)).toEqual(result);
        expect(obeyedByTerminals(text)).toEqual([]);
      }),
      propertyRuns(1_000),
    );
  });

  it('the summary and the plain report are harmless to read, the plain one is ASCII', () => {
    fc.assert(
      fc.property(results, (result) => {
        expect(obeyedByTerminals(formatSummary(result, options))).toEqual([]);
        expect(formatPlain(result, options)).toMatch(/^[\n\x20-\x7e]+$/);
        expect(obeyedByTerminals(formatPlain(result, options))).toEqual([]);
      }),
      propertyRuns(300),
    );
  });

  it('an event is one harmless line', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = formatEvent({ atMs: 0, level: 'warning', text });
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(obeyedByTerminals(line)).toEqual([]);
      }),
      propertyRuns(1_000),
    );
  });
});
