import { displayWidth } from '../display-width.js';
import type { Style } from '../style.js';
import { reachLines } from '../summary/reach.js';
import { allot } from './allot.js';
import { deliveryLines } from './panels/delivery.js';
import { eventLines } from './panels/events.js';
import { headerLines } from './panels/header.js';
import { helpLines } from './panels/help.js';
import { keyLine } from './panels/key-line.js';
import { processLines } from './panels/processes.js';
import type { DashboardView } from './view.js';

/** Size of the terminal. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export const smallestScreen: ScreenSize = { columns: 60, rows: 15 };
/** From here on there is room for two panels side by side. */
const wideScreen: ScreenSize = { columns: 150, rows: 24 };

/** A panel as it is drawn: a title in a rule, and lines no wider than the panel. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Where everything stands. `right` is empty on screens that are not wide. */
export interface Layout {
  readonly header: readonly string[];
  readonly left: readonly Panel[];
  readonly right: readonly Panel[];
  readonly footer: readonly string[];
}

/** Columns of the left half where there are two. */
export function leftWidth(size: ScreenSize): number {
  return Math.floor((size.columns - 2) / 2);
}

/** Whether the dashboard can be drawn at all. */
export function isTooSmall(size: ScreenSize): boolean {
  return size.columns < smallestScreen.columns || size.rows < smallestScreen.rows;
}

/**
 * Divides the screen. The whole is at most `rows − 1` high: a frame as tall as the terminal would make
 * it scroll at every draw. The event log gives way first, then sparklines and causes, then rows of the table.
 * @param styleOf makes the style for a panel of that width
 */
export function layOut(view: DashboardView, size: ScreenSize, styleOf: (width: number) => Style): Layout {
  const style = styleOf(size.columns);
  const footer = [...noticeLines(view, style), keyLine(view, style)];
  const header = headerLines(view, style);
  const headerRows = allot(size.rows - 1 - footer.length, [
    { least: 2, most: Math.min(header.length, size.rows < 20 ? 3 : 4) },
  ])[0];
  const shownHeader = header.slice(0, headerRows ?? 2);
  const rows = size.rows - 1 - footer.length - shownHeader.length;
  const wide = size.columns >= wideScreen.columns && size.rows >= wideScreen.rows;
  if (view.help) {
    const help: Panel = { title: 'KEYS', lines: helpLines(view, style).slice(0, rows - 1) };
    return { header: shownHeader, left: [help], right: [], footer };
  }
  if (!wide) return { header: shownHeader, left: narrow(view, rows, style), right: [], footer };
  const left = leftWidth(size);
  const rightStyle = styleOf(size.columns - 2 - left);
  return {
    header: shownHeader,
    left: leftHalf(view, rows, styleOf(left)),
    right: rightHalf(view, rows, rightStyle),
    footer,
  };
}

function noticeLines(view: DashboardView, style: Style): string[] {
  const notice =
    view.notice ?? (view.state.notice === undefined ? undefined : { level: 'info', text: view.state.notice });
  if (notice === undefined) return [];
  const text = style.clip(style.safe(notice.text.slice(0, style.width * 8)), style.width - 4);
  return [
    notice.level === 'error' ? style.paint.red(` ${style.symbols.failed} ${text}`) : ` ${style.symbols.bullet} ${text}`,
  ];
}

/** One panel below the other. With the matrix on, it takes the place of the delivery and the events. */
function narrow(view: DashboardView, rows: number, style: Style): Panel[] {
  const tableRows = view.state.processes.length + 2;
  const delivery = deliveryLines(view, style);
  if (view.matrix) {
    const reach = reachPanelLines(view, style);
    const [table = 0, matrix = 0] = allot(rows, [
      { least: Math.min(4, tableRows), most: Math.min(tableRows, 8) },
      { least: 3, most: rows },
    ]);
    return [processPanel(view, table, style), { title: 'REACH', lines: reach.slice(0, matrix - 1) }];
  }
  const [table = 0, figures = 0, events = 0] = allotMiddle(rows, tableRows, delivery.length);
  return [
    processPanel(view, table, style),
    { title: deliveryTitle(view), lines: delivery.slice(0, Math.max(0, figures - 1)) },
    ...eventPanel(view, events, style),
  ];
}

/** The table keeps three processes and the delivery two lines before anything else is served. */
function allotMiddle(rows: number, tableRows: number, deliveryRows: number): number[] {
  const leastTable = Math.min(5, tableRows);
  const leastDelivery = Math.min(3, deliveryRows + 1);
  const wanted = allot(rows, [
    { least: leastTable, most: Math.min(tableRows, Math.max(leastTable, Math.ceil(rows * 0.6))) },
    { least: leastDelivery, most: deliveryRows + 1 },
    { least: 0, most: rows },
  ]);
  return (wanted[2] ?? 0) === 1 ? [wanted[0] ?? 0, wanted[1] ?? 0, 0] : wanted;
}

function leftHalf(view: DashboardView, rows: number, style: Style): Panel[] {
  const tableRows = view.state.processes.length + 2;
  const [table = 0, events = 0] = allot(rows, [
    { least: Math.min(tableRows, rows), most: tableRows },
    { least: 0, most: rows },
  ]);
  return [processPanel(view, table, style), ...eventPanel(view, events, style)];
}

function rightHalf(view: DashboardView, rows: number, style: Style): Panel[] {
  const delivery = deliveryLines(view, style);
  const reach = reachPanelLines(view, style);
  const [figures = 0, matrix = 0] = allot(rows, [
    { least: delivery.length + 1, most: delivery.length + 1 },
    { least: 0, most: reach.length + 1 },
  ]);
  return [
    { title: deliveryTitle(view), lines: delivery.slice(0, Math.max(0, figures - 1)) },
    ...(matrix < 2 ? [] : [{ title: 'REACH', lines: reach.slice(0, matrix - 1) }]),
  ];
}

function deliveryTitle(view: DashboardView): string {
  return view.state.run === undefined ? 'TRAFFIC' : 'DELIVERY';
}

function processPanel(view: DashboardView, rows: number, style: Style): Panel {
  const all = view.state.processes.length;
  const shown = Math.max(0, rows - 2);
  const title = shown < all ? `PROCESSES (${shown} of ${all}, choose to scroll)` : 'PROCESSES';
  return { title, lines: processLines(view, rows - 1, style) };
}

function eventPanel(view: DashboardView, rows: number, style: Style): Panel[] {
  return rows < 2 ? [] : [{ title: 'EVENTS', lines: eventLines(view.state.events, rows - 1, style) }];
}

function reachPanelLines(view: DashboardView, style: Style): string[] {
  const { run } = view.state;
  if (run === undefined || run.reach.nodes.length === 0) return [style.paint.dim(' nothing was sent yet')];
  return reachLines(run.reach, style, '');
}

/** A title and a rule to the end of the panel. */
export function ruleLine(title: string, style: Style): string {
  const rule = style.symbols.rule;
  const tail = rule.repeat(Math.max(0, style.width - displayWidth(title) - 3));
  return `${style.paint.dim(rule)} ${style.paint.bold(title)} ${style.paint.dim(tail)}`;
}
