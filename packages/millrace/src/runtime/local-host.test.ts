import { describe, expect, it } from 'vitest';
import { localHost } from './local-host.ts';

describe('this machine', () => {
  it('is what /etc/hosts says of its name; the first name of that address is the canonical one', () => {
    const hosts = '# names\n127.0.0.1\tlocalhost box # here\n::1 localhost box\n10.0.0.5 other\n';
    expect(localHost({ hostname: 'box', hosts, addresses: ['10.0.0.9'] })).toEqual({
      address: '127.0.0.1',
      name: 'localhost',
    });
  });

  it('is its first address where the file does not know it', () => {
    const hosts = '127.0.0.1 localhost\n';
    expect(localHost({ hostname: 'box', hosts, addresses: ['10.0.0.9'] })).toEqual({
      address: '10.0.0.9',
      name: 'box',
    });
    expect(localHost({ hostname: 'box', hosts: '', addresses: [] })).toEqual({
      address: '127.0.0.1',
      name: 'box',
    });
  });
});
