import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/commands/run-cli.js';
import { packageVersion } from '../../src/core/package-root.js';
import { createFakeContext } from './fake-context.js';

/** A stdout that fails with a system error at its first write. */
function failingStdout(code: string): Writable {
  return new Writable({
    write(_chunk, _encoding, callback) {
      callback(Object.assign(new Error(`write ${code}`), { code }));
    },
  });
}

describe('runCli', () => {
  it('prints the help and ends with 0', async () => {
    const fake = createFakeContext();
    expect(await runCli(['--help'], fake.context)).toBe(0);
    expect(fake.stdout()).toContain('Usage: cluster-chat [options] [command]');
    expect(fake.stdout()).toContain('validate <files...>');
    expect(fake.stderr()).toBe('');
  });

  it('prints the version of package.json', async () => {
    const fake = createFakeContext();
    expect(await runCli(['--version'], fake.context)).toBe(0);
    expect(fake.stdout()).toBe(`${packageVersion()}\n`);
  });

  it.each([
    [['vaidate'], "error: unknown command 'vaidate'\n  Did you mean validate?\n"],
    [['schema', '--hlp'], "error: unknown option '--hlp'\n  Did you mean --help?\n"],
    [['validate'], "error: missing required argument 'files'\n  See cluster-chat --help\n"],
    [
      ['validate', '/nowhere/x.yaml'],
      'error: the scenario /nowhere/x.yaml does not exist\n  cluster-chat run, without a name, lists the built-in scenarios.\n',
    ],
    [['validate', 'failver'], 'error: the scenario failver does not exist\n  Did you mean failover?\n'],
  ])('answers the wrong use %j with one message, its cure, and exit code 2', async (args, message) => {
    const fake = createFakeContext();
    expect(await runCli(args, fake.context)).toBe(2);
    expect(fake.stderr()).toBe(message);
    expect(fake.stdout()).toBe('');
  });

  it('ends with 2 and the help on stderr when no command is named', async () => {
    const fake = createFakeContext();
    expect(await runCli([], fake.context)).toBe(2);
    expect(fake.stderr()).toContain('Usage: cluster-chat');
    expect(fake.stdout()).toBe('');
  });

  it('shows control characters of the command line instead of sending them to the terminal', async () => {
    const fake = createFakeContext();
    expect(await runCli(['validate', '/nowhere/\u001b]52;c;x\u0007'], fake.context)).toBe(2);
    expect(fake.stderr()).toContain('/nowhere/\\x1b]52;c;x\\x07');
    expect(fake.stderr()).not.toContain('\u001b');
    const unknown = createFakeContext();
    await runCli(['\u001b[2J'], unknown.context);
    expect(unknown.stderr()).toBe("error: unknown command '\\x1b[2J'\n  See cluster-chat --help\n");
  });

  it('hides secrets of URLs in messages', async () => {
    const fake = createFakeContext();
    await runCli(['validate', 'stomp://user:geheim@host/x?token=geheim'], fake.context);
    expect(fake.stderr()).toContain('stomp://***@host/x?token=***');
    expect(fake.stderr()).not.toContain('geheim');
  });

  it('ends quietly with 0 when the reader of a listing has gone (EPIPE)', async () => {
    const fake = createFakeContext({ stdout: failingStdout('EPIPE') });
    expect(await runCli(['schema'], fake.context)).toBe(0);
    expect(fake.stderr()).toBe('');
    expect(fake.context.outputClosed.aborted).toBe(true);
  });

  it('keeps the exit code of the command when the reader has gone', async () => {
    const fake = createFakeContext({ stdout: failingStdout('EPIPE'), cwd: import.meta.dirname });
    expect(await runCli(['validate', 'run-cli.test.ts'], fake.context)).toBe(2);
    expect(fake.stderr()).toBe('');
  });

  it('ends with 4 when the output cannot be written for another reason', async () => {
    const fake = createFakeContext({ stdout: failingStdout('ENOSPC') });
    expect(await runCli(['schema'], fake.context)).toBe(4);
    expect(fake.stderr()).toBe(
      'error: the output could not be written: write ENOSPC\n  Free some space, or write elsewhere.\n',
    );
  });
});
