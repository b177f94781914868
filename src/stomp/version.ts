import type { StompVersion } from './frame.js';

/** All versions spoken here, the best first. */
export const versions: readonly StompVersion[] = ['1.2', '1.1', '1.0'];

export type Subprotocol = 'v12.stomp' | 'v11.stomp' | 'v10.stomp';

const subprotocolByVersion: Readonly<Record<StompVersion, Subprotocol>> = {
  '1.2': 'v12.stomp',
  '1.1': 'v11.stomp',
  '1.0': 'v10.stomp',
};

/**
 * The highest version that an `accept-version` header and this side have in common [C02], undefined if
 * there is none [C04]. A client that sends no such header speaks 1.0 [C03].
 */
export function negotiateVersion(acceptVersion: string | undefined): StompVersion | undefined {
  if (acceptVersion === undefined) return '1.0';
  const accepted = new Set(acceptVersion.split(',').map((version) => version.trim()));
  return versions.find((version) => accepted.has(version));
}

/** The WebSocket sub-protocol of a version. */
export function subprotocolOf(version: StompVersion): Subprotocol {
  return subprotocolByVersion[version];
}

/** The version that a WebSocket sub-protocol stands for, undefined if it is not one of STOMP's. */
export function versionOfSubprotocol(subprotocol: string): StompVersion | undefined {
  return versions.find((version) => subprotocolByVersion[version] === subprotocol);
}
