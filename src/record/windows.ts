import type { Session, Subscription, SubscriptionWindow } from './attendance.js';

/** One window of a subscription with its two ends settled at the end of the history. */
export interface SettledWindow {
  readonly session: Session;
  /** SUBSCRIBE written: the possible window opens. */
  readonly writtenAtMicros: number;
  /** The certain window opens; Infinity when it never did. */
  readonly confirmedAtMicros: number;
  /** The certain window ends: the last byte before the loss, or UNSUBSCRIBE written. */
  readonly certainEndMicros: number;
  /** The possible window ends: the loss seen, or UNSUBSCRIBE's receipt. */
  readonly possibleEndMicros: number;
  /** UNSUBSCRIBE written; Infinity when the window ended otherwise. */
  readonly leftAtMicros: number;
  /** Whether its RECEIPT promised all that came since the window before. */
  readonly isRecovered: boolean;
}

/** When a subscriber was certainly and when it was possibly subscribed. */
export interface Windows {
  readonly subscription: Subscription;
  /** From, to, from, to, …: certain windows, those that recovery bridged joined into one. */
  readonly certain: readonly number[];
  readonly each: readonly SettledWindow[];
  /** Since then the subscriber counts on its messages; Infinity when it never was confirmed. */
  readonly lifeFromMicros: number;
  /** When it left on purpose for good, or the end of the history. */
  readonly lifeToMicros: number;
}

/** Whether the whole interval lies inside one certain window. */
export function isCertain(windows: Windows, fromMicros: number, toMicros: number): boolean {
  const certain = windows.certain;
  for (let i = 0; i < certain.length; i += 2) {
    if (fromMicros >= (certain[i] as number) && toMicros <= (certain[i + 1] as number)) return true;
  }
  return false;
}

/**
 * The window that a message is charged to: the newest possibly open at the moment; in an outage that recovery
 * bridged, the next confirmed one, because that one promised to bring it.
 */
export function coveringWindow(windows: Windows, atMicros: number): SettledWindow | undefined {
  const open = windows.each.findLast((each) => each.writtenAtMicros <= atMicros && atMicros <= each.possibleEndMicros);
  if (open !== undefined) return open;
  return windows.each.find((each) => each.writtenAtMicros > atMicros && each.confirmedAtMicros < Infinity);
}

/** The next confirmed window, where its RECEIPT promised to bring what the one before had not. */
export function bridgingWindow(windows: Windows, window: SettledWindow): SettledWindow | undefined {
  const next = windows.each.slice(windows.each.indexOf(window) + 1).find((each) => each.confirmedAtMicros < Infinity);
  return next?.isRecovered === true ? next : undefined;
}

function settleWindow(window: SubscriptionWindow, nowMicros: number): SettledWindow {
  const { session, confirmedAtMicros, unsubscribeWrittenAtMicros, unsubscribedAtMicros } = window;
  const endMicros = Math.min(unsubscribeWrittenAtMicros, session.lastByteAtMicros, nowMicros);
  return {
    session,
    writtenAtMicros: window.writtenAtMicros,
    confirmedAtMicros,
    certainEndMicros: confirmedAtMicros < Infinity ? Math.max(confirmedAtMicros, endMicros) : endMicros,
    possibleEndMicros: Math.min(unsubscribedAtMicros, session.closedAtMicros, nowMicros),
    leftAtMicros: unsubscribeWrittenAtMicros,
    isRecovered: window.recovered,
  };
}

function joinCertain(windows: readonly SubscriptionWindow[], settled: readonly SettledWindow[]): number[] {
  const certain: number[] = [];
  settled.forEach((each, i) => {
    if (each.confirmedAtMicros === Infinity) return;
    // `recovered:true` is the broker's word that nothing since the previous certain window is lost.
    if (windows[i]?.recovered && certain.length > 0) certain[certain.length - 1] = each.certainEndMicros;
    else certain.push(each.confirmedAtMicros, each.certainEndMicros);
  });
  return certain;
}

/**
 * The windows that a message from then on can have to do with: those that were open since, and the certain one before
 * them, because recovery may have bridged what lies between.
 */
function windowsSince({ windows }: Subscription, sinceMicros: number): readonly SubscriptionWindow[] {
  let first = windows.length;
  while (first > 0 && endOf(windows[first - 1] as SubscriptionWindow) >= sinceMicros) first--;
  while (first > 0) {
    first--;
    if ((windows[first] as SubscriptionWindow).confirmedAtMicros < Infinity) break;
  }
  return first === 0 ? windows : windows.slice(first);
}

function endOf({ unsubscribedAtMicros, session }: SubscriptionWindow): number {
  return Math.min(unsubscribedAtMicros, session.closedAtMicros);
}

/**
 * The windows of a subscription as they stand at the end of the history.
 * @param lastSession the client's newest session: leaving it on purpose ends the subscriber's life
 * @param sinceMicros no message will be asked about that was written before
 */
export function settleWindows(
  subscription: Subscription,
  lastSession: Session | undefined,
  { nowMicros, sinceMicros }: { readonly nowMicros: number; readonly sinceMicros: number },
): Windows {
  const windows = windowsSince(subscription, sinceMicros);
  const each = windows.map((window) => settleWindow(window, nowMicros));
  const leftAtMicros = lastSession?.intended === true ? lastSession.closedAtMicros : Infinity;
  const unsubscribedAtMicros = subscription.windows.at(-1)?.unsubscribeWrittenAtMicros ?? Infinity;
  return {
    subscription,
    certain: joinCertain(windows, each),
    each,
    lifeFromMicros: subscription.firstConfirmedAtMicros,
    lifeToMicros: Math.min(nowMicros, leftAtMicros, unsubscribedAtMicros),
  };
}
