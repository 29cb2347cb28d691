import { expect, it } from 'vitest';
import { javaAddress, peerText } from './peer.ts';

it('addresses are written as Java writes them', () => {
  expect(
    [
      '127.0.0.1',
      '::ffff:10.1.2.3',
      '::1',
      '::',
      'fe80::a0:1%eth0',
      '2001:db8:0:0:1::',
      '2001:DB8::00ff',
    ].map(javaAddress),
  ).toEqual([
    '127.0.0.1',
    '10.1.2.3',
    '0:0:0:0:0:0:0:1',
    '0:0:0:0:0:0:0:0',
    'fe80:0:0:0:0:0:a0:1%eth0',
    '2001:db8:0:0:1:0:0:0',
    '2001:db8:0:0:0:0:0:ff',
  ]);
  expect(peerText({ address: '0:0:0:0:0:0:0:1', port: 5 })).toBe('[0:0:0:0:0:0:0:1]:5');
});
