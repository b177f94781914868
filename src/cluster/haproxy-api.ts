import { connect } from 'node:net';

const maxAnswerChars = 65_536;

/**
 * Says one command to HAProxy's runtime API, or its master's, which carries it out before it answers.
 * @returns its answer, empty for most commands that succeed; undefined when none came for `timeoutMs`
 */
export function askHaproxy(socketPath: string, command: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath });
    let answer = '';
    const finish = (result: string | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => finish(undefined));
    // The API of a master keeps a connection that is not closed behind the command.
    socket.once('connect', () => socket.end(`${command}\n`));
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > maxAnswerChars) finish(undefined);
    });
    // It closes behind its answer.
    socket.once('end', () => finish(answer.trim()));
    socket.once('error', () => finish(undefined));
  });
}
