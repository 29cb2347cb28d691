import { describe, expect, it } from 'vitest';
import { AddressFilter, parseFilterRules } from './address-filter.ts';
import { HostNames } from './host-names.ts';

const byAddress: Record<string, string> = { '10.0.0.1': 'web1.test', '10.0.0.2': 'db1.test' };
const names = () =>
  new HostNames({
    nameOf: async (address) => byAddress[address] ?? Promise.reject(new Error('ENOTFOUND')),
    addressesOf: async (name) => Object.keys(byAddress).filter((address) => byAddress[address] === name),
  });

async function allowed(rules: string, addresses: readonly string[]): Promise<boolean[]> {
  const parsed = parseFilterRules(rules);
  expect(parsed.faults).toEqual([]);
  const filter = new AddressFilter(parsed.rules, names(), '192.168.7.7');
  return Promise.all(addresses.map((address) => filter.allows(address)));
}

describe('ipFilterRules', () => {
  it('the first rule that fits decides, and no rule lets in', async () => {
    const rules = 'allow:ip:127.*,allow:name:localhost,deny:ip:*';
    expect(await allowed(rules, ['127.0.0.1', '127.9.9.9', '10.0.0.1', '192.168.7.7'])).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(await allowed('deny:ip:10.0.0.?', ['10.0.0.1', '10.0.0.12', '10.0.0x1'])).toEqual([
      false,
      true,
      true,
    ]);
    expect(await allowed('deny:ip:127.*,allow:ip:127.0.0.1', ['127.0.0.1'])).toEqual([false]);
  });

  it('ask for names only where a rule has one, and go on with the rules behind it', async () => {
    const rules = 'allow:name:web*.test, deny:ip:10.*';
    expect(await allowed(rules, ['10.0.0.1', '10.0.0.2', '10.0.0.3', '11.0.0.1'])).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(new AddressFilter(parseFilterRules('deny:ip:10.*').rules, names()).allows('10.0.0.1')).toBe(false);
  });

  it('takes IPv6 addresses with their colons, and regular expressions', async () => {
    expect(await allowed('deny:ip:0:0:*:1', ['0:0:0:0:0:0:0:1', '0:0:0:0:0:0:0:2'])).toEqual([false, true]);
    expect(await allowed('deny:ip:10.0.0.[12]', ['10.0.0.2', '10.0.0.3'])).toEqual([false, true]);
  });

  it('tells each rule that is none', () => {
    const { faults } = parseFilterRules('allow:ip,permit:ip:*,allow:host:x,allow:ip:[,deny:ip:1.*');
    expect(faults).toHaveLength(4);
    expect(faults[1]).toContain("Invalid ipFilter patternRule 'permit:ip:*'");
  });
});
