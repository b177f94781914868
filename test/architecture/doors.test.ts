import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/package-root.js';

/** Who may look at the process that the code runs in: the one door, the process entries, and what measures or names this very process. */
const mayUseProcess = [
  'cli.ts',
  'commands/context.ts',
  'commands/lifeline.ts',
  // That of the library: it reads, and changes nothing.
  'library/surroundings.ts',
  'core/clock.ts',
  'core/usage.ts',
  // Signals to processes that an earlier supervisor started.
  'cluster/pid.ts',
];
const mayReadTime = ['core/clock.ts', 'core/process-age.ts'];
const mayTakeChances = ['core/random.ts'];

/** Whether a name is bound around a node: then it is not the global of that name. */
function isBound(node: ts.Node, name: string): boolean {
  for (let scope: ts.Node = node.parent; scope !== undefined; scope = scope.parent) {
    const isShadowed =
      (ts.isFunctionLike(scope) && scope.parameters.some((parameter) => binds(parameter.name, name))) ||
      ((ts.isBlock(scope) || ts.isSourceFile(scope)) && scope.statements.some((line) => declares(line, name))) ||
      ((ts.isForOfStatement(scope) || ts.isForStatement(scope)) && declaresIn(scope.initializer, name));
    if (isShadowed) return true;
  }
  return false;
}

function binds(binding: ts.BindingName, name: string): boolean {
  if (ts.isIdentifier(binding)) return binding.text === name;
  return binding.elements.some((element) => !ts.isOmittedExpression(element) && binds(element.name, name));
}

function declares(statement: ts.Statement, name: string): boolean {
  return ts.isVariableStatement(statement) && declaresIn(statement.declarationList, name);
}

function declaresIn(list: ts.Node | undefined, name: string): boolean {
  if (list === undefined || !ts.isVariableDeclarationList(list)) return false;
  return list.declarations.some((declaration) => binds(declaration.name, name));
}

type Door = 'process' | 'time' | 'chance';

/** Which door a node goes through, if any. */
function doorOf(node: ts.Node): Door | undefined {
  if (ts.isImportDeclaration(node)) return importedDoor(node);
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && node.arguments?.length === 0) return 'time';
  if (!ts.isPropertyAccessExpression(node) && !ts.isElementAccessExpression(node)) return undefined;
  const owner = node.expression.getText();
  if (owner === 'globalThis' && /\bprocess\b/.test(node.getText())) return 'process';
  if (owner === 'process' && !isBound(node, 'process')) return 'process';
  if (/^(Date\.now|performance\.(now|timeOrigin|mark|measure))$/.test(node.getText())) return 'time';
  return /^(Math\.random|crypto\.(randomUUID|getRandomValues))$/.test(node.getText()) ? 'chance' : undefined;
}

function importedDoor({ importClause, moduleSpecifier }: ts.ImportDeclaration): Door | undefined {
  const module = ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text.replace(/^node:/, '') : '';
  if (module === 'process') return 'process';
  return module === 'crypto' && /\brandom/.test(importClause?.getText() ?? '') ? 'chance' : undefined;
}

/** Every use of a door in a text, by its line. */
function doorsIn(text: string): { readonly door: Door; readonly line: number }[] {
  const source = ts.createSourceFile('file.tsx', text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TSX);
  const found: { door: Door; line: number }[] = [];
  const visit = (node: ts.Node): void => {
    const door = doorOf(node);
    if (door !== undefined) found.push({ door, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

async function usesOutside(door: Door, allowed: readonly string[]): Promise<string[]> {
  const src = join(packageRoot(), 'src');
  const uses: string[] = [];
  for (const path of await readdir(src, { recursive: true })) {
    if (!/\.tsx?$/.test(path) || allowed.includes(path)) continue;
    const found = doorsIn(await readFile(join(src, path), 'utf8'));
    uses.push(...found.filter((use) => use.door === door).map(({ line }) => `src/${path}:${line}`));
  }
  return uses;
}

describe('the few doors to the outside world', () => {
  it('lead to the process only from the command context, the process entries and what measures this process', async () => {
    expect(await usesOutside('process', mayUseProcess)).toEqual([]);
  });

  it('lead to the time only through core/clock and core/process-age', async () => {
    expect(await usesOutside('time', mayReadTime)).toEqual([]);
  });

  it('lead to chance only through core/random', async () => {
    expect(await usesOutside('chance', mayTakeChances)).toEqual([]);
  });

  it('are all in use: a file that needs its door no more leaves the list', async () => {
    for (const path of [...new Set([...mayUseProcess, ...mayReadTime, ...mayTakeChances])]) {
      expect(doorsIn(await readFile(join(packageRoot(), 'src', path), 'utf8')), path).not.toEqual([]);
    }
  });
});

describe('the search for uses of a door', () => {
  it.each([
    ['process', 'export const home = process.env["HOME"];'],
    ['process', 'export const home = process["env"];'],
    ['process', 'export const home = globalThis.process.env;'],
    ['process', "import { env } from 'node:process';"],
    ['process', 'for (const child of []) process.exit(1);'],
    ['time', 'export const now = Date.now();'],
    ['time', 'export const now = new Date();'],
    ['time', 'const read = performance.now;'],
    ['chance', 'export const dice = Math.random();'],
    ['chance', "import { createHash, randomInt } from 'node:crypto';"],
  ] as const)('sees the %s in: %s', (door, text) => {
    expect(doorsIn(text).map((use) => use.door)).toContain(door);
  });

  it.each([
    'export const name = (process: { name: string }) => process.name;',
    'for (const process of processes) print(process.name);',
    'const { process } = child; print(process.pid);',
    'this.#process.kill();',
    '// process.exit() would be wrong here',
    'export const day = new Date(0);',
    "import { createHash } from 'node:crypto';",
    'performance.eventLoopUtilization();',
  ])('does not take for a door: %s', (text) => {
    expect(doorsIn(text)).toEqual([]);
  });
});
