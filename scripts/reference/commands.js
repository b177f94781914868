import { PassThrough } from 'node:stream';
import { page } from './markdown.js';

/** The help of the program and of every command, as the program prints it 80 columns wide. */
export async function commandsPage(library) {
  const names = library.createProgram(contextFor(library, []), () => {}).commands.map((command) => command.name());
  const blocks = ['What `cluster-chat --help` and `cluster-chat <command> --help` print.', await helpOf(library, [])];
  for (const name of names) blocks.push(`## ${name}`, await helpOf(library, [name]));
  return page('Commands', ...blocks);
}

async function helpOf(library, words) {
  const chunks = [];
  const exitCode = await library.runCli([...words, '--help'], contextFor(library, chunks));
  if (exitCode !== 0) throw new Error(`the help of '${words.join(' ')}' ended with ${exitCode}`);
  return `\`\`\`text\n${chunks.join('').trim()}\n\`\`\``;
}

/** A context of no process: what is written to stdout is collected, everything else is empty. */
function contextFor({ createContext }, chunks) {
  const stdout = new PassThrough();
  stdout.on('data', (chunk) => chunks.push(chunk.toString()));
  return createContext({
    args: [],
    env: {},
    cwd: '/',
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough().resume(),
    isTTY: false,
    columns: 80,
    rows: 24,
    runtime: { node: '20.19.0', platform: 'any' },
    onSignal: () => () => {},
  });
}
