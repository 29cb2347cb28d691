import { hostname } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutAtEscapes, needsOfEscapes, readEscapes } from './escape-template.ts';

describe('a path is cut where events begin to decide', () => {
  it.each([
    ['/logs/%Y/%{host}', ['logs'], '%Y/%{host}'],
    ['/logs/app-%Y', ['logs'], 'app-%Y'],
    ['/logs/%[localhost]/%Y', ['logs', hostname()], '%Y'],
    ['/logs/%[localhost]-%{a}', ['logs'], '%[localhost]-%{a}'],
    ['/logs//./x/', ['logs', 'x'], ''],
    ['%{a}/b', [], '%{a}/b'],
    ['', [], ''],
  ])('%s', (path, fixed, folder) => {
    expect(cutAtEscapes(path)).toEqual({ fixed, folder });
  });

  it('has no part that leads upwards', () => {
    expect(cutAtEscapes('/logs/../%Y')).toBeNull();
  });

  it('says the same as the whole path, and nothing of an event in what is fixed', () => {
    const part = fc.constantFrom('a', 'bc', '%Y', '%{h}', '%[localhost]', '%[IP]', '/', '/', '-', '%%');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const path = parts.join('');
        const { fixed, folder } = cutAtEscapes(path)!;
        const shown = (text: string) =>
          readEscapes(text)
            .parts.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
            .join('')
            .split('/')
            .filter((name) => name !== '');
        expect([...fixed, ...shown(folder)]).toEqual(shown(path));
        expect(readEscapes(fixed.join('/')).parts.every((each) => typeof each === 'string')).toBe(true);
      }),
    );
  });
});

it('asks for headers, and for the time unless this machine tells it', () => {
  const text = '/%{host}/%Y/%[localhost]';
  const host = { header: 'host', key: 'path', without: 'has nothing in the place of %{host}' };
  const time = { header: 'timestamp', key: 'path', without: 'is set aside and never written' };
  expect(needsOfEscapes('path', text)).toEqual([time, host]);
  expect(needsOfEscapes('path', text, { instead: 'set it' })).toEqual([{ ...time, instead: 'set it' }, host]);
  expect(needsOfEscapes('path', text, { isOn: true })).toEqual([host]);
});
