import type { Relay } from '../../broker/relay/relay.js';
import type { Frame } from '../../stomp/frame.js';
import { RelaySession } from '../relay-session.js';
import type { Session } from '../session.js';
import { handleConnect } from './connect.js';
import { isClientCommand, mayOweReceipt } from './registry.js';

/**
 * The frames of a node that relays as Spring does: once connected, a session's frames go to a broker
 * connection of its own, and what they mean is that broker's business. Version, login, heart-beats and
 * limits are settled here.
 */
export function relayFrames(relay: Relay): (session: Session, frame: Frame) => void {
  return (session, frame) => {
    const isConnect = frame.command === 'CONNECT' || frame.command === 'STOMP';
    const receiptId = isConnect ? undefined : frame.headers.get('receipt');
    if (session.upstream === undefined) {
      if (!isConnect) return session.fail({ message: 'The first frame must be CONNECT or STOMP.', receiptId }); // [C09]
      if (!session.context.router.isReady)
        return session.fail({ message: 'Broker not available.', countedAs: 'nothing' });
      session.upstream = new RelaySession(session, relay, frame.headers);
      return handleConnect(session, frame);
    }
    if (isConnect) return session.fail({ message: 'The session is already connected.' }); // [C10]
    if (!isClientCommand(frame.command)) return session.fail({ message: 'The command is unknown.', receiptId }); // [F15]
    if (receiptId !== undefined && !mayOweReceipt(session, frame.command, receiptId)) return;
    session.upstream.receive(frame);
  };
}
