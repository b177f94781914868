import { type Instance, type Key, render } from 'ink';
import { nowMs } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import type {
  Dashboard,
  DashboardActions,
  DashboardSource,
  DashboardState,
  DashboardTerminal,
} from './dashboard-source.js';
import { inkStdout } from './ink-stdout.js';
import { type KeyName, keyNameOf } from './keys.js';
import { processAction } from './process-action.js';
import { Samples } from './samples.js';
import { Screen } from './screen.js';
import { chooseBy, chosenProcess, type DashboardView, type Notice } from './view.js';

/** Four draws a second: enough for an eye, and a draw costs several milliseconds of CPU. */
const drawIntervalMs = 250;
/** How long a notice stays when no key takes it away. */
const noticeMs = 6000;

/**
 * Puts the dashboard on a terminal, on the normal screen, and reads keys until `unmount`.
 *
 * Only for a real terminal: in a pipe it would print cursor codes, and with the variable `CI` set the
 * drawing library holds everything back until the end. Import this module on demand (`await import`),
 * because it costs hundreds of milliseconds. The program should run with `NODE_ENV=production` set
 * before this import, otherwise React keeps measurements of every draw in memory, and with
 * `FORCE_COLOR=0` when the user set `NO_COLOR`.
 * @throws AppError `internal` when stdout is not a terminal
 */
export function mountDashboard(
  source: DashboardSource,
  actions: DashboardActions,
  terminal: DashboardTerminal,
): Dashboard {
  if (!terminal.stdout.isTTY)
    throw new AppError('internal', 'the dashboard was mounted on something that is not a terminal');
  return new LiveDashboard(source, actions, terminal);
}

class LiveDashboard implements Dashboard {
  readonly closed: Promise<void>;
  readonly #actions: DashboardActions;
  readonly #terminal: DashboardTerminal;
  readonly #samples = new Samples();
  readonly #instance: Instance;
  readonly #unsubscribe: () => void;
  #view: DashboardView;
  /** The last state that came; while the picture is frozen it is newer than the one shown. */
  #latest: DashboardState = { processes: [], events: [] };
  #noticeAtMs = 0;
  #drawnAtMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #unmounted = false;

  constructor(source: DashboardSource, actions: DashboardActions, terminal: DashboardTerminal) {
    this.#actions = actions;
    this.#terminal = terminal;
    this.#view = {
      title: source.title,
      state: this.#latest,
      samples: this.#samples.series(),
      chosen: undefined,
      frozen: false,
      matrix: false,
      help: false,
      quitting: false,
      notice: undefined,
      enabledKeys: enabledKeys(actions),
    };
    this.#instance = render(this.#screen(), {
      stdin: terminal.stdin,
      stdout: inkStdout(terminal.stdout),
      exitOnCtrlC: false,
    });
    this.closed = this.#instance.waitUntilExit().then(() => undefined);
    terminal.stdout.on('resize', this.#resized);
    this.#unsubscribe = source.subscribe((state) => this.#receive(state));
  }

  unmount(): void {
    if (this.#unmounted) return;
    this.#unmounted = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    this.#terminal.stdout.off('resize', this.#resized);
    // The screen belongs to the summary that comes next, so the last picture goes.
    this.#instance.clear();
    this.#instance.unmount();
  }

  #screen() {
    const { stdin, stdout, color, unicode } = this.#terminal;
    return (
      <Screen
        view={this.#view}
        size={{ columns: stdout.columns || 80, rows: stdout.rows || 24 }}
        color={color}
        unicode={unicode}
        onKey={stdin.isTTY ? this.#pressed : undefined}
      />
    );
  }

  #draw(): void {
    if (this.#unmounted) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnAtMs = nowMs();
    this.#instance.rerender(this.#screen());
  }

  #receive(state: DashboardState): void {
    this.#latest = state;
    this.#samples.add(state, nowMs());
    if (this.#timer !== undefined || this.#unmounted) return;
    // Also the first state waits: the source may call back while this object is still being made.
    const waitMs = Math.max(0, this.#drawnAtMs + drawIntervalMs - nowMs());
    this.#timer = setTimeout(() => this.#show(), waitMs);
  }

  #show(): void {
    if (this.#view.notice !== undefined && nowMs() - this.#noticeAtMs > noticeMs && !this.#view.quitting) {
      this.#view = { ...this.#view, notice: undefined };
    }
    if (!this.#view.frozen) {
      this.#view = { ...this.#view, state: this.#latest, samples: this.#samples.series() };
    }
    this.#draw();
  }

  readonly #resized = (): void => {
    // Terminals fold the old picture when they become narrower, and nobody can say into how many lines.
    // So the visible screen is erased; what was scrolled away before stays.
    this.#terminal.stdout.write('\u001b[H\u001b[J');
    this.#draw();
  };

  readonly #pressed = (input: string, key: Key): void => {
    // A paste or keys pressed quickly arrive as one text.
    const names = input.length > 1 ? [...input].map((character) => keyNameOf(character, key)) : [keyNameOf(input, key)];
    for (const name of names) if (name !== undefined) this.#perform(name);
    this.#draw();
  };

  #perform(name: KeyName): void {
    const view = this.#view;
    switch (name) {
      case 'up':
      case 'down':
        this.#view = chooseBy(view, name === 'up' ? -1 : 1);
        return;
      case 'matrix':
        this.#view = { ...view, matrix: !view.matrix, help: false };
        return;
      case 'help':
        this.#view = { ...view, help: !view.help };
        return;
      case 'freeze':
        this.#view = { ...view, frozen: !view.frozen };
        return;
      case 'quit':
        this.#notify({ level: 'info', text: 'stopping; q again, or Ctrl-C, ends at once' });
        this.#view = { ...this.#view, quitting: true };
        this.#actions.quit(view.quitting);
        return;
      default:
        this.#act(name);
    }
  }

  #act(name: 'kill' | 'pause' | 'start-stop' | 'restart'): void {
    // While the picture is frozen, a key must still mean what the process is now.
    const chosen = chosenProcess(this.#view)?.name;
    const process = this.#latest.processes.find((status) => status.name === chosen);
    if (process === undefined) return;
    const action = processAction(name, process, this.#actions);
    if (action === undefined) {
      this.#notify({ level: 'info', text: `${name} is not possible here` });
      return;
    }
    this.#notify({ level: 'info', text: `${action.verb} ${process.name}` });
    action.run().then(
      () => this.#later({ level: 'info', text: `${action.verb} ${process.name}: done` }),
      (error: unknown) => {
        const hint = error instanceof AppError && error.hint !== undefined ? ` ${error.hint}` : '';
        this.#later({ level: 'error', text: `${action.verb} ${process.name}: ${messageOf(error)}${hint}` });
      },
    );
  }

  #notify(notice: Notice): void {
    this.#noticeAtMs = nowMs();
    this.#view = { ...this.#view, notice };
  }

  #later(notice: Notice): void {
    // What stopping looks like is more important than an action that ended meanwhile.
    if (this.#view.quitting) return;
    this.#notify(notice);
    this.#draw();
  }
}

/** Keys that change only the picture are always there. */
function enabledKeys(actions: DashboardActions): ReadonlySet<KeyName> {
  const keys: KeyName[] = ['up', 'down', 'matrix', 'freeze', 'help', 'quit'];
  if (actions.kill !== undefined) keys.push('kill');
  if (actions.pause !== undefined || actions.unpause !== undefined) keys.push('pause');
  if (actions.start !== undefined || actions.stop !== undefined) keys.push('start-stop');
  if (actions.restart !== undefined) keys.push('restart');
  return new Set(keys);
}
