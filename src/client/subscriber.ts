import { arrivalMark, type UnexpectedArrived } from '../record/history.js';
import { readStamp } from '../record/stamp.js';
import type { ClientHost } from './client-host.js';
import type { IncomingMessage } from './connection.js';
import type { Subscription } from './subscription.js';

function reportUnexpected(
  host: ClientHost,
  client: number,
  session: number,
  reason: UnexpectedArrived['reason'],
  atMicros: number,
): void {
  host.recorder.session({ type: 'unexpected-arrived', client, session, reason, atMicros });
}

/**
 * One MESSAGE arrives at a client. The hottest code of a worker: no allocation here.
 * @param subscription undefined when the server named none of the client's
 * @returns whether it is a fence of this run; `host.reading` says of which origin
 */
export function receiveMessage(
  host: ClientHost,
  client: number,
  session: number,
  subscription: Subscription | undefined,
  message: IncomingMessage,
): boolean {
  const { reading } = host;
  host.tally.deliveries++;
  if (subscription !== undefined) {
    subscription.heardAtMicros = message.atMicros;
    if (message.offset !== undefined) {
      subscription.epoch = message.epoch;
      subscription.offset = message.offset;
    }
  }
  const fault = readStamp(message.body, reading);
  if (fault !== undefined) {
    reportUnexpected(host, client, session, fault, message.atMicros);
  } else if (reading.runNumber !== host.runNumber) {
    reportUnexpected(host, client, session, 'foreign-run', message.atMicros);
  } else if (subscription === undefined || reading.destination !== subscription.destination) {
    reportUnexpected(host, client, session, 'wrong-destination', message.atMicros);
  } else if (reading.kind === 'm') {
    const replayMark = subscription.state === 'asked' ? arrivalMark.recovered : 0;
    const waitMark = message.hasWaited ? arrivalMark.waited : 0;
    host.recorder.arrived(
      client,
      session,
      reading.publisher,
      reading.epoch,
      reading.destination,
      reading.sequence,
      message.atMicros,
      replayMark | waitMark | (message.redelivered ? arrivalMark.redelivered : 0),
    );
  } else if (reading.kind === 'd') {
    host.drains.arrived(subscription, reading.publisher);
  } else if (reading.kind === 'c') {
    host.canaries.arrived(subscription, reading, message.atMicros);
  } else {
    return reading.kind === 'f';
  }
  return false;
}
