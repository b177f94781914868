import { type Frame, FrameHeaders } from '../../stomp/frame.js';
import { formatHeartbeat, type HeartbeatOffer, negotiateHeartbeat, parseHeartbeat } from '../../stomp/heartbeat.js';
import { ProtocolError } from '../../stomp/protocol-error.js';
import { negotiateVersion, versions } from '../../stomp/version.js';
import type { Session } from '../session.js';
import { userOf } from '../user-of.js';

/** [STOMP 1.2, Connecting] Version, login, heart-beats; in this order, and the first that fails is told. */
export function handleConnect(session: Session, frame: Frame): void {
  const { headers } = frame;
  const { context } = session;
  const version = negotiateVersion(headers.get('accept-version'));
  if (version === undefined) {
    // [C04]
    return session.fail({
      message: 'No version of STOMP in common.',
      headers: { version: [...versions].reverse().join(',') },
      detail: `This server speaks STOMP ${[...versions].reverse().join(', ')}.`,
    });
  }
  const login = headers.get('login');
  // Who logged in over HTTP has given the credential there.
  if (session.transport.user === undefined && !context.authenticate(login, headers.get('passcode'))) {
    return session.fail({ message: 'Login refused.', closeCode: 1008, countedAs: 'nothing' }); // [C07]
  }
  let theirs: HeartbeatOffer;
  try {
    theirs = parseHeartbeat(version === '1.0' ? undefined : headers.get('heart-beat'));
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return session.fail({ message: `The header heart-beat is wrong: ${error.message}.` }); // [H01]
  }
  const mine = { sendMs: context.limits.heartbeatMs, wantMs: context.limits.heartbeatMs };
  session.user = userOf(session, login);
  session.connect(
    version,
    negotiateHeartbeat(mine, theirs),
    FrameHeaders.of({
      version,
      session: session.id,
      server: context.serverHeader,
      'heart-beat': formatHeartbeat(mine),
      node: context.name,
      'user-name': session.user,
    }),
  );
}
