import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rules } from './rules.js';

/** The ids that the files beside this one check. */
function checkedIds(): string[] {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'));
  const texts = files.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/^check\(\s*'([A-Z]\d\d)'/gm)].map((match) => match[1] ?? ''));
}

test('every rule of the checklist has a test, and every test has its rule', () => {
  expect([...new Set(checkedIds())].sort()).toEqual(rules.map((rule) => rule.id).sort());
});

test('the checklist has 81 rules, each with its own id and at least one version', () => {
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(81);
  expect(rules.filter((rule) => rule.versions.length === 0)).toEqual([]);
});
