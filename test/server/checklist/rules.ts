import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StompVersion } from '../../../src/stomp/frame.js';

/** One clause of the specifications, and what we do where it leaves a choice. */
export interface Rule {
  readonly id: string;
  readonly rule: string;
  readonly level: string;
  /** The versions in which the server is held to it. */
  readonly versions: readonly StompVersion[];
  readonly choice?: string;
}

interface RuleSection {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/** As in docs/reference/stomp.md, which is generated from the same file. */
const ruleSections: readonly RuleSection[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'rules.json'), 'utf8'),
).sections;

export const rules: readonly Rule[] = ruleSections.flatMap((section) => section.rules);
