import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.js';
import type { Result } from '../../src/record/result.js';
import { formatJson } from '../../src/report/json.js';
import { formatJunit } from '../../src/report/junit.js';
import { formatEvent, formatPlain, formatProgress } from '../../src/report/plain.js';
import { reporterOf, reporters } from '../../src/report/reporters.js';
import { hostileStrings, infect, obeyedByTerminals } from './hostile.js';
import { failed, inconclusive, passed } from './results.js';
import { run } from './tui/states.js';

const options = { color: true, unicode: true, width: 100, repeatCommand: 'npx cluster-chat run failover' };

describe('the registry of reporters', () => {
  it('has the four reporters, and every text ends with one newline', () => {
    expect(Object.keys(reporters)).toEqual(['summary', 'plain', 'json', 'junit']);
    for (const name of Object.keys(reporters)) {
      expect(reporterOf(name).format(failed, options)).toMatch(/[^\n]\n$/);
    }
  });

  it('answers an unknown name with the nearest one, or with all', () => {
    const attempt = (name: string): AppError => {
      try {
        reporterOf(name);
      } catch (error) {
        if (error instanceof AppError) return error;
      }
      throw new Error(`${name} was accepted`);
    };
    expect(attempt('jnuit')).toMatchObject({ code: 'usage', hint: 'Did you mean junit?' });
    expect(attempt('toString')).toMatchObject({ hint: 'Known reporters: summary, plain, json, junit.' });
    expect(attempt('__proto__').code).toBe('usage');
  });
});

describe('the JSON reporter', () => {
  it('writes the same result, the schema first, whatever the order of the keys was', () => {
    const shuffled = Object.fromEntries(Object.entries(failed).reverse()) as unknown as Result;
    expect(formatJson(shuffled)).toBe(formatJson(failed));
    expect(JSON.parse(formatJson(failed))).toEqual(failed);
    expect(formatJson(failed).startsWith('{\n  "schema": "cluster-chat/result@1",\n  "name":')).toBe(true);
  });

  it('keeps hostile text whole for a parser and harmless for a terminal', () => {
    for (const hostile of hostileStrings) {
      const text = formatJson({ ...failed, name: hostile, reasons: [hostile] });
      expect(obeyedByTerminals(text)).toEqual([]);
      expect(JSON.parse(text)).toMatchObject({ name: hostile, reasons: [hostile] });
    }
  });
});

describe('the JUnit reporter', () => {
  it('has a case for each threshold, the contract and the accounting', () => {
    expect(formatJunit(failed)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="cluster-chat" tests="4" failures="2" errors="0" skipped="0" time="40.000">
  <testsuite name="the simple broker" tests="4" failures="2" errors="0" skipped="0" time="40.000" timestamp="2025-01-01T00:00:00.000Z">
    <properties>
      <property name="seed" value="4711"/>
      <property name="verdict" value="fail"/>
      <property name="command" value="cluster-chat run failover --seed 4711"/>
    </properties>
    <testcase classname="cluster-chat.thresholds" name="delivery.latency p(99) &lt; 250ms"/>
    <testcase classname="cluster-chat.thresholds" name="delivery.missing count == 0">
      <failure message="was 78,003 of 120,000 (line 28 of the scenario)"/>
    </testcase>
    <testcase classname="cluster-chat.contract" name="contract at-least-once">
      <failure message="contract at-least-once: 78,003 required deliveries are missing"/>
    </testcase>
    <testcase classname="cluster-chat.accounting" name="accounting"/>
  </testsuite>
</testsuites>
`);
  });

  it('makes what could not be judged an error, because a skipped case looks green', () => {
    const text = formatJunit(inconclusive);
    expect(text).toContain('tests="3" failures="0" errors="2" skipped="0"');
    expect(text).toContain('<error message="not judged: nothing measured"/>');
  });

  it('fails the accounting when the figures do not add up', () => {
    const text = formatJunit({ ...passed, delivery: { ...passed.delivery, once: passed.delivery.once - 1 } });
    expect(text).toContain('failures="1"');
    expect(text).toContain(
      '<failure message="attempted 120000 is not once 119787 + late 212 + missing 0 + absent 0"/>',
    );
  });

  it('holds no character that XML 1.0 forbids, and no text of a peer ends an element', () => {
    const isOwn = (word: string): boolean => word === 'fail' || word === 'at-least-once';
    const harmless = formatJunit(infect(failed, 'harmless', isOwn));
    for (const hostile of hostileStrings) {
      const text = formatJunit(infect(failed, hostile, isOwn));
      expect(obeyedByTerminals(text)).toEqual([]);
      expect(text).not.toMatch(/[\ufffe\uffff]/);
      expect(text).not.toContain(']]>');
      expect(text.match(/<[a-z]+/g)).toEqual(harmless.match(/<[a-z]+/g));
    }
  });
});

describe('the plain reporter', () => {
  it('is the summary in ASCII without colour', () => {
    expect(formatPlain(failed, options)).toMatch(/^[\n\x20-\x7e]+$/);
    expect(formatPlain(failed, options)).toContain('x FAILED  1 of 2 thresholds');
  });

  it('prints an event on one line, harmless and bounded', () => {
    expect(formatEvent({ atMs: 12_300, level: 'warning', text: 'kill node-2' })).toBe('   12.3s  warning: kill node-2');
    for (const hostile of hostileStrings) {
      const line = formatEvent({ atMs: 0, level: 'info', text: hostile });
      expect(obeyedByTerminals(line)).toEqual([]);
      expect(line).not.toContain('\n');
      expect(line.length).toBeLessThan(20_000);
    }
  });

  it('prints the state of a run on one line', () => {
    expect(formatProgress(run)).toBe(
      '   12.3s  load 12.3s of 40.0s, clients 298/300, sent 3,690, expected 36,900, once 36,870, late 12, missing 18, duplicate 3, p99 41.8ms',
    );
  });
});
