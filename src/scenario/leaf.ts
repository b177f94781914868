import * as z from 'zod';
import { parseDuration, parseSize } from '../core/quantity.js';
import { quote } from './quote.js';

/** Timers of Node count milliseconds in 31 bits; a week leaves room for sums. */
const longestMs = 7 * 24 * 3_600_000;

const durationPattern = /^\d+(\.\d+)?\s*(us|ms|s|m|h)$/;
const shiftPattern = /^[+-]?\d+(\.\d+)?\s*(us|ms|s|m|h)$/;
const sharePattern = /^\d+(\.\d+)?\s*%$/;
const sizePattern = /^\d+(\.\d+)?\s*(B|KB|KiB|MB|MiB)$/;
const ratePattern = /^\d+(\.\d+)?\s*\/\s*s$/;

/** A duration such as `5s`; becomes milliseconds. */
export function duration(options: { description: string; minMs?: number }) {
  const minMs = options.minMs ?? 0;
  return z
    .string({ error: (issue) => unitProblem(issue.input, 'a duration', ['s', 'ms']) })
    .regex(durationPattern, {
      error: (issue) => unitProblem(issue.input, 'a duration', ['s', 'ms']),
      abort: true,
    })
    .refine((text) => durationOf(text) >= minMs && durationOf(text) <= longestMs, {
      error: (issue) =>
        durationOf(String(issue.input)) < minMs
          ? `${quote(issue.input)} is too short; at least ${minMs}ms`
          : `${quote(issue.input)} is too long; at most 168h`,
    })
    .transform(durationOf)
    .meta({ description: `${options.description} A number with its unit: us, ms, s, m or h.` });
}

function durationOf(text: string): number {
  return parseDuration(text) ?? Number.NaN;
}

/** A duration with a sign, such as `-5s`; becomes milliseconds. */
export function shift(options: { description: string; leastMs: number }) {
  const { leastMs } = options;
  return z
    .string({ error: (issue) => unitProblem(issue.input, 'a shift', ['s', 'ms']) })
    .regex(shiftPattern, { error: (issue) => unitProblem(issue.input, 'a shift', ['s', 'ms']), abort: true })
    .refine((text) => Math.abs(shiftOf(text)) >= leastMs && Math.abs(shiftOf(text)) <= longestMs, {
      error: (issue) => `${quote(issue.input)} is out of bounds; from ${leastMs}ms to 168h, forward or backward`,
    })
    .transform(shiftOf)
    .meta({ description: `${options.description} A number with its unit: us, ms, s, m or h; with - it goes back.` });
}

function shiftOf(text: string): number {
  return text.startsWith('-') ? -durationOf(text.slice(1)) : durationOf(text.replace('+', ''));
}

/** A share such as `10%`; becomes a number above 0 and up to 1. */
export function share(description: string) {
  return z
    .string({ error: (issue) => unitProblem(issue.input, 'a share', ['%']) })
    .regex(sharePattern, { error: (issue) => unitProblem(issue.input, 'a share', ['%']), abort: true })
    .transform((text) => Number.parseFloat(text) / 100)
    .refine((part) => part > 0 && part <= 1, { error: 'a share lies above 0% and at or below 100%' })
    .meta({ description: `${description} A number with its unit: %.` });
}

/** A size such as `200B`; becomes bytes. */
export function size(options: { description: string; minBytes: number; maxBytes: number }) {
  const { minBytes, maxBytes } = options;
  return z
    .string({ error: (issue) => unitProblem(issue.input, 'a size', ['B', 'KB']) })
    .regex(sizePattern, { error: (issue) => unitProblem(issue.input, 'a size', ['B', 'KB']), abort: true })
    .refine((text) => sizeOf(text) >= minBytes && sizeOf(text) <= maxBytes, {
      error: (issue) => `${quote(issue.input)} is out of bounds; from ${minBytes}B to ${maxBytes / 1024}KB`,
    })
    .transform(sizeOf)
    .meta({ description: `${options.description} A number with its unit: B, KB or MB (powers of 1,024).` });
}

function sizeOf(text: string): number {
  return Math.round(parseSize(text) ?? Number.NaN);
}

/** A rate such as `100/s`; becomes a number per second. */
export function ratePerSecond(description: string) {
  return z
    .string({ error: (issue) => unitProblem(issue.input, 'a rate', ['/s']) })
    .regex(ratePattern, { error: (issue) => unitProblem(issue.input, 'a rate', ['/s']), abort: true })
    .transform((text) => Number.parseFloat(text))
    .refine((rate) => rate > 0 && rate <= 100_000, { error: 'a rate lies above 0/s and at or below 100000/s' })
    .meta({ description: `${description} A number with its unit: /s.` });
}

/** One text or a list of texts; becomes a list. */
export function textOrList(options: { description: string; what: string }) {
  const text = z.string().min(1).max(255);
  return z
    .union([text, z.array(text).min(1).max(1000)], { error: `expected ${options.what}, or a list of them` })
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .meta({ description: options.description });
}

/** A command line; each word is given to the program as it is. */
export function commandLine(description: string) {
  return z
    .array(z.string().max(4096), { error: 'expected a command line as a list: [docker, kill, app-2]' })
    .min(1)
    .max(100)
    .meta({ description });
}

function unitProblem(input: unknown, what: string, units: readonly string[]): string {
  const number = typeof input === 'number' ? String(input) : typeof input === 'string' ? input.trim() : '';
  const examples = (value: string): string => units.map((unit) => `${value}${unit}`).join(', ');
  if (/^\d{1,20}(\.\d{1,20})?$/.test(number)) return `${number} needs a unit: ${examples(number)}`;
  return `${quote(input)} is not ${what}; write it like ${examples('5')}`;
}
