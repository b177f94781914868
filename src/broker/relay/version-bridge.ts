import { type Frame, FrameHeaders, type StompVersion } from '../../stomp/frame.js';

/** Names a 1.0 client's subscription that has none: by its destination, as 1.0 does. */
const namelessPrefix = 'destination ';

/**
 * Says what a client of one version says in the words of a broker connection of another. Acknowledgements
 * differ most: 1.2 names the `ack` of a MESSAGE, 1.1 its `message-id` and `subscription`. What the broker
 * will want is written into what the client will repeat, so that nothing has to be remembered here.
 */
export class VersionBridge {
  readonly #client: StompVersion;
  readonly #broker: StompVersion;

  constructor(client: StompVersion, broker: StompVersion) {
    this.#client = client;
    this.#broker = broker;
  }

  /** A frame of the client, for the broker. */
  toBroker(frame: Frame): Frame {
    switch (frame.command) {
      case 'SUBSCRIBE':
      case 'UNSUBSCRIBE':
        return this.#named(frame);
      case 'ACK':
      case 'NACK':
        return this.#acknowledgement(frame);
      default:
        return frame;
    }
  }

  /** A frame of the broker, for the client. */
  toClient(frame: Frame): Frame {
    if (frame.command !== 'MESSAGE') return frame;
    const { headers } = frame;
    const subscription = headers.get('subscription') ?? '';
    const changes = new Map<string, string | undefined>();
    if (this.#client === '1.0' && subscription.startsWith(namelessPrefix)) changes.set('subscription', undefined);
    const id = headers.get('message-id') ?? '';
    const ack = headers.get('ack');
    if (this.#client === '1.2') {
      if (this.#broker !== '1.2') changes.set('ack', joined(subscription, id));
    } else if (ack !== undefined) {
      changes.set('ack', undefined);
      // An id that looks joined is joined once more, so that it can be told from one that is.
      if (ack !== id || parted(id) !== undefined) changes.set('message-id', joined(ack, id));
    }
    return changes.size === 0 ? frame : { ...frame, headers: changed(headers, changes) };
  }

  #named(frame: Frame): Frame {
    const destination = frame.headers.get('destination');
    if (this.#client !== '1.0' || destination === undefined || frame.headers.has('id')) return frame;
    return { ...frame, headers: changed(frame.headers, new Map([['id', `${namelessPrefix}${destination}`]])) };
  }

  #acknowledgement(frame: Frame): Frame {
    const { headers } = frame;
    const given = headers.get(this.#client === '1.2' ? 'id' : 'message-id');
    if (given === undefined) return frame;
    const changes = new Map<string, string | undefined>();
    if (this.#broker === '1.2') {
      if (this.#client === '1.2') return frame;
      changes.set('message-id', undefined).set('subscription', undefined);
      changes.set('id', parted(given)?.first ?? given);
    } else if (this.#client === '1.2') {
      const pair = parted(given);
      if (pair === undefined) return frame;
      changes.set('id', undefined).set('subscription', pair.first).set('message-id', pair.second);
    }
    return { ...frame, headers: changed(headers, changes) };
  }
}

/** Two texts as one that can be parted again. */
function joined(first: string, second: string): string {
  return `${first.length}:${first}${second}`;
}

function parted(text: string): { readonly first: string; readonly second: string } | undefined {
  const colon = text.indexOf(':');
  const digits = text.slice(0, Math.max(colon, 0));
  if (!/^\d{1,6}$/.test(digits)) return undefined;
  const middle = colon + 1 + Number(digits);
  return middle > text.length ? undefined : { first: text.slice(colon + 1, middle), second: text.slice(middle) };
}

/** The headers with others in place of those named; undefined leaves one out, and a new one comes last. */
function changed(headers: FrameHeaders, changes: ReadonlyMap<string, string | undefined>): FrameHeaders {
  const flat = [...headers.without(new Set(changes.keys()))].flat();
  for (const [name, value] of changes) if (value !== undefined) flat.push(name, value);
  return new FrameHeaders(flat);
}
