/** Text that a terminal, a browser or a CI runner would obey, and what is shown in its place. */
export interface HostileText {
  readonly name: string;
  readonly text: string;
  readonly expected: {
    /** What every text for people shows; JSON and headers carry the text itself, escaped by their own rules. */
    readonly shown: string;
    /** Where it stands first in a line, if that is another. */
    readonly shownFirst?: string;
  };
  /** Only what a YAML file or a process can contain; no frame, URL or command line can carry it. */
  readonly isUnspeakable?: boolean;
}

/** 20 hostile texts. */
export const hostileTexts: readonly HostileText[] = [
  { name: 'a colour', text: '\x1b[31mred', expected: { shown: '\\x1b[31mred' } },
  { name: 'an empty screen', text: '\x1b[2J\x1b[H', expected: { shown: '\\x1b[2J\\x1b[H' } },
  {
    name: 'the title of the window',
    text: '\x1b]0;a\x07\x1b]2;b\x1b\\',
    expected: { shown: '\\x1b]0;a\\x07\\x1b]2;b\\x1b\\' },
  },
  { name: 'the clipboard', text: '\x1b]52;c;cm0gLXJm\x07', expected: { shown: '\\x1b]52;c;cm0gLXJm\\x07' } },
  {
    name: 'a link under other words',
    text: '\x1b]8;;http://evil.example\x1b\\safe\x1b]8;;\x1b\\',
    expected: { shown: '\\x1b]8;;http://evil.example\\x1b\\safe\\x1b]8;;\\x1b\\' },
  },
  { name: 'a device control string', text: '\x1bP1$qm\x1b\\', expected: { shown: '\\x1bP1$qm\\x1b\\' } },
  {
    name: 'application commands and private messages',
    text: '\x1b_a\x1b\\\x1b^b\x1b\\\x1bXc\x1b\\',
    expected: { shown: '\\x1b_a\\x1b\\\\x1b^b\\x1b\\\\x1bXc\\x1b\\' },
  },
  {
    name: 'controls of eight bits',
    text: '\u009b2J\u009d0;t\u009c\u0090q\u009c',
    expected: { shown: '\\x9b2J\\x9d0;t\\x9c\\x90q\\x9c' },
  },
  { name: 'an escape at the end', text: 'end\x1b', expected: { shown: 'end\\x1b' } },
  { name: 'a line written over', text: 'fail\rpass', expected: { shown: 'fail\\x0dpass' } },
  { name: 'letters taken back', text: 'bad\b\b\bgood', expected: { shown: 'bad\\x08\\x08\\x08good' } },
  { name: 'a bell, other ends of lines, a tab', text: 'a\x07\v\f\tb', expected: { shown: 'a\\x07\\x0b\\x0c\\x09b' } },
  {
    name: 'another direction of reading',
    text: 'a\u202egnp.exe\u2066b\u061c',
    expected: { shown: 'a\\u{202e}gnp.exe\\u{2066}b\\u{61c}' },
  },
  {
    name: 'letters that nobody sees',
    text: 'a\u200bb\u2060c\ufeffd',
    expected: { shown: 'a\\u{200b}b\\u{2060}c\\u{feff}d' },
  },
  {
    name: 'ends of lines of Unicode',
    text: 'a\u2028b\u2029c\u0085d',
    expected: { shown: 'a\\u{2028}b\\u{2029}c\\x85d' },
  },
  {
    name: 'a NUL and half a character',
    text: 'a\0b\ud800c',
    expected: { shown: 'a\\x00b\\u{d800}c' },
    isUnspeakable: true,
  },
  {
    name: 'a command to GitHub',
    text: '::error file=a.ts::pwned',
    expected: { shown: '::error file=a.ts::pwned', shownFirst: ': :error file=a.ts::pwned' },
  },
  {
    name: 'a second line with a command',
    text: 'a\r\n::set-output name=b::c',
    expected: { shown: 'a\\x0d\\x0a::set-output name=b::c' },
  },
  {
    name: 'commands to Azure Pipelines',
    text: '##vso[task.complete]##[error]b',
    expected: { shown: '# #vso[task.complete]# #[error]b' },
  },
  {
    name: 'HTML, XML, a formula and a table',
    text: '</script><img src=x onerror=alert(1)>]]>&amp;=cmd|`a`',
    expected: { shown: '</script><img src=x onerror=alert(1)>]]>&amp;=cmd|`a`' },
  },
];
