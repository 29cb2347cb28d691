import { describe, expect, it } from 'vitest';
import { HostNames, type Resolver } from './host-names.ts';

/** A resolver of a few names, and who asked it for what. */
function resolver(names: Record<string, string>, addresses: Record<string, string[]>) {
  const asked: string[] = [];
  let open = 0;
  let mostOpen = 0;
  const given: Resolver = {
    nameOf: async (address) => {
      asked.push(address);
      mostOpen = Math.max(mostOpen, ++open);
      await Promise.resolve();
      open--;
      const name = names[address];
      if (name === undefined) throw new Error('ENOTFOUND');
      return name;
    },
    addressesOf: async (name) => addresses[name] ?? [],
  };
  return { names: new HostNames(given), asked, mostOpen: () => mostOpen };
}

describe('names of peers', () => {
  it('count only where they stand for the address in turn', async () => {
    const { names } = resolver(
      { '10.0.0.1': 'good.test', '10.0.0.2': 'trusted.test' },
      { 'good.test': ['::1', '10.0.0.1'], 'trusted.test': ['192.168.1.1'] },
    );
    expect(await names.nameOf('10.0.0.1')).toBe('good.test');
    expect(await names.nameOf('10.0.0.2')).toBe('10.0.0.2');
    expect(await names.nameOf('10.0.0.3')).toBe('10.0.0.3');
  });

  it('are asked for once for many that want to know, one at a time', async () => {
    const { names, asked, mostOpen } = resolver({}, {});
    await Promise.all(['10.0.0.1', '10.0.0.2', '10.0.0.1', '10.0.0.3'].map((a) => names.nameOf(a)));
    await names.nameOf('10.0.0.2');
    expect(asked).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    expect(mostOpen()).toBe(1);
  });
});
