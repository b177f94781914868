/** Terminal strings of every kind that a peer may send; none of them may reach a terminal as it is. */
export const hostileStrings: readonly string[] = [
  '\u001b[31mred',
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]0;title\u001b\\',
  '\u001b]52;c;aGk=\u0007',
  '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\',
  '\u001bPq dcs\u001b\\',
  '\u001b_apc\u001b\\',
  '\u001b^pm\u001b\\',
  '\u001bXsos\u001b\\',
  '\u009b2J',
  '\u009d0;t\u009c',
  '\u0090q\u009c',
  'end\u001b',
  'good\rbad',
  'a\b\b\bb',
  'bell\u0007',
  'nul\u0000',
  'vt\u000bff\u000c',
  'rtl\u202eevil',
  'iso\u2066late',
  'zero\u200bwidth',
  'line\u2028sep',
  '\ufeffbom',
  'lone\ud800',
  '\udc00lone',
  'family 👨‍👩‍👧 at the cut '.repeat(8),
  `e${'\u0301'.repeat(1000)}`,
  'x'.repeat(1_000_000),
  '::error::x',
  '  ::set-output name=x::y',
  'a ##[error]x',
  '##vso[task.complete]',
  '%0A::error::x',
  '</script><img onerror=1>',
  ']]>',
  '=cmd|calc',
  '| a | `b` |',
  'tab\there',
  'line\r\n::error::next',
  '漢字'.repeat(60),
  '\ufffe\uffff',
  '"\'&<>',
];

/**
 * What a text report must never contain: controls other than the newline and our own colours,
 * invisible and reordering characters, and what CI runners obey.
 */
export function obeyedByTerminals(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for control characters
  const withoutOurs = text.replace(/\u001b\[(?:1|2|22|31|32|33|36|39)m/g, '');
  return [
    // biome-ignore lint/suspicious/noControlCharactersInRegex: looking for control characters
    ...(withoutOurs.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g) ?? []),
    ...(withoutOurs.match(/[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g) ?? []),
    ...(withoutOurs.match(/^\s*::.*$/gm) ?? []),
    ...(withoutOurs.match(/##(?:\[|vso\[)/gi) ?? []),
    ...(/\p{Surrogate}/u.test(withoutOurs) ? ['lone surrogate'] : []),
  ];
}

/** The same value with every string in it replaced, as far as the types of the report allow; `keep` stays. */
export function infect<T>(value: T, hostile: string, keep: (text: string) => boolean): T {
  const walk = (part: unknown): unknown => {
    if (typeof part === 'string') return keep(part) ? part : hostile;
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, child]) => [key, walk(child)]));
  };
  return walk(value) as T;
}
