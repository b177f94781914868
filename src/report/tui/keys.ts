import type { Key } from 'ink';

/** What a key asks for. */
export type KeyName =
  | 'up'
  | 'down'
  | 'kill'
  | 'pause'
  | 'start-stop'
  | 'restart'
  | 'matrix'
  | 'freeze'
  | 'help'
  | 'quit';

const byCharacter: Readonly<Record<string, KeyName>> = {
  k: 'up',
  j: 'down',
  x: 'kill',
  z: 'pause',
  s: 'start-stop',
  r: 'restart',
  m: 'matrix',
  ' ': 'freeze',
  '?': 'help',
  q: 'quit',
};

/** What a key press asks for; undefined for every other key. In raw mode Ctrl-C arrives here as a key. */
export function keyNameOf(
  input: string,
  key: Pick<Key, 'upArrow' | 'downArrow' | 'ctrl' | 'meta'>,
): KeyName | undefined {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.ctrl) return input === 'c' ? 'quit' : undefined;
  if (key.meta) return undefined;
  return Object.hasOwn(byCharacter, input) ? byCharacter[input] : undefined;
}
