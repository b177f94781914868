import { describe, expect, it } from 'vitest';
import { subprotocols } from '../../src/stomp/frame.js';
import { negotiateVersion, subprotocolOf, versionOfSubprotocol, versions } from '../../src/stomp/version.js';

describe('the negotiation of versions', () => {
  it.each([
    ['1.0', '1.0'],
    ['1.1', '1.1'],
    ['1.0,1.1,1.2', '1.2'],
    ['1.2,1.1', '1.2'],
    ['1.1,1.0', '1.1'],
    ['2.0,1.1,9.9', '1.1'],
    ['1.0, 1.1', '1.1'],
  ])('C02 picks from %s the highest common one, %s', (accepted, version) => {
    expect(negotiateVersion(accepted)).toBe(version);
  });

  it('C03 takes a missing accept-version for 1.0', () => {
    expect(negotiateVersion(undefined)).toBe('1.0');
  });

  it.each(['', '2.0', '1', '1.20', '1.2.0', ',', '1.1;1.2', '__proto__'])(
    'C04 finds nothing in common with %j',
    (accepted) => {
      expect(negotiateVersion(accepted)).toBeUndefined();
    },
  );

  it('maps every version to its sub-protocol and back, the best first', () => {
    expect(versions.map(subprotocolOf)).toEqual(subprotocols);
    expect(subprotocols.map(versionOfSubprotocol)).toEqual(versions);
    expect(versionOfSubprotocol('v13.stomp')).toBeUndefined();
  });
});
