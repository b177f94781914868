import { formatCount, formatDuration, formatSize } from '../../../core/quantity.js';
import type { ProcessState, ProcessStatus } from '../../../record/snapshot.js';
import { type Style, widest } from '../../style.js';
import { chosenProcess, type DashboardView } from '../view.js';

interface Column {
  readonly title: string;
  readonly width: number;
  /** On a narrow screen the columns with the highest number go first. */
  readonly rank: number;
  readonly text: (process: ProcessStatus) => string | null;
}

const columns: readonly Column[] = [
  { title: 'STATE', width: 8, rank: 10, text: (process) => process.state },
  { title: 'PID', width: 7, rank: 8, text: ({ pid }) => (pid === null ? null : String(pid)) },
  { title: 'PORT', width: 5, rank: 3, text: ({ port }) => (port === null ? null : String(port)) },
  { title: 'CONNS', width: 6, rank: 1, text: ({ connections }) => figure(connections, formatCount) },
  { title: 'MSG/S', width: 7, rank: 2, text: (process) => figure(process.messagesPerSecond, wholeCount) },
  { title: 'CPU', width: 4, rank: 4, text: ({ cpuPercent }) => figure(cpuPercent, (value) => `${Math.round(value)}%`) },
  { title: 'RSS', width: 7, rank: 6, text: ({ rssBytes }) => figure(rssBytes, shortSize) },
  { title: 'LOOP', width: 6, rank: 5, text: ({ loopDelayMs }) => figure(loopDelayMs, formatDuration) },
  { title: 'UNSENT', width: 7, rank: 7, text: ({ unsentBytes }) => figure(unsentBytes, shortSize) },
  { title: 'RESTARTS', width: 8, rank: 11, text: ({ restarts }) => figure(restarts, formatCount) },
  { title: 'UPTIME', width: 8, rank: 9, text: ({ uptimeMs }) => figure(uptimeMs, formatDuration) },
];

function figure(value: number | null, format: (value: number) => string): string | null {
  return value === null || !Number.isFinite(value) ? null : format(value);
}

function wholeCount(value: number): string {
  return formatCount(Math.round(value));
}

/** A size in at most seven columns up to a thousand MiB: `61.0MiB`, `512KiB`. */
function shortSize(bytes: number): string {
  return formatSize(bytes)
    .replace(' ', '')
    .replace(/(\d{3,})\.\d/, '$1');
}

/**
 * The table of processes: a line of titles and a row for each. With fewer rows than processes the
 * window follows the chosen one.
 * @param rows rows for the whole table, the titles included
 */
export function processLines(view: DashboardView, rows: number, style: Style): string[] {
  const { processes } = view.state;
  if (processes.length === 0) return [style.paint.dim('   no process yet')].slice(0, Math.max(0, rows));
  const nameWidth = Math.max(
    8,
    widest(
      processes.map((process) => style.safe(process.name)),
      24,
    ),
  );
  const shown = fitting(style.width - 5 - nameWidth);
  const head = shown.map((column) => style.right(column.title, column.width)).join('  ');
  const titles = style.paint.dim(`     ${style.left('NAME', nameWidth)}${head === '' ? '' : `  ${head}`}`);
  const chosen = chosenProcess(view);
  return [
    titles,
    ...windowOf(processes, chosen, rows - 1).map((process) =>
      processLine(process, process === chosen, { nameWidth, columns: shown }, style),
    ),
  ].slice(0, Math.max(0, rows));
}

/** The columns that fit beside the name, two spaces before each. */
function fitting(width: number): Column[] {
  const chosen = new Set<Column>();
  let left = width;
  for (const column of [...columns].sort((a, b) => a.rank - b.rank)) {
    // The first that does not fit ends it: a less important one must not stay where a better one went.
    if (left < column.width + 2) break;
    left -= column.width + 2;
    chosen.add(column);
  }
  return columns.filter((column) => chosen.has(column));
}

/** At most `rows` processes, the chosen one among them and in the middle where possible. */
function windowOf(
  processes: readonly ProcessStatus[],
  chosen: ProcessStatus | undefined,
  rows: number,
): readonly ProcessStatus[] {
  if (rows <= 0) return [];
  if (processes.length <= rows) return processes;
  const index = chosen === undefined ? 0 : processes.indexOf(chosen);
  const first = Math.min(processes.length - rows, Math.max(0, index - Math.floor(rows / 2)));
  return processes.slice(first, first + rows);
}

function processLine(
  process: ProcessStatus,
  chosen: boolean,
  table: { nameWidth: number; columns: readonly Column[] },
  style: Style,
): string {
  const { paint, symbols } = style;
  const name = style.left(style.safe(process.name), table.nameWidth);
  const cells = table.columns
    .map((column) => `  ${style.right(column.text(process) ?? symbols.none, column.width)}`)
    .join('');
  const marker = chosen ? paint.cyan(symbols.chosen) : ' ';
  const quiet = process.state === 'down' || process.state === 'failed';
  return ` ${marker} ${stateMark(process.state, style)} ${chosen ? paint.bold(name) : name}${quiet ? paint.dim(cells) : cells}`;
}

/** A symbol for each state, so that none is told by colour alone. */
export function stateMark(state: ProcessState, style: Style): string {
  const { paint, symbols } = style;
  const marks: Readonly<Record<ProcessState, string>> = {
    starting: paint.cyan(symbols.starting),
    up: paint.green(symbols.up),
    hung: paint.yellow(symbols.hung),
    down: paint.dim(symbols.down),
    failed: paint.red(symbols.crashed),
  };
  return marks[state];
}
