import { describe, expect, it } from 'vitest';
import { interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { searchReplaceInterceptor } from './search-replace-interceptor.ts';

const made = (properties: Record<string, string>) => interceptorFor(searchReplaceInterceptor, properties);

describe('search_replace', () => {
  it.each([
    [
      'E7: groups',
      { searchPattern: '([a-z])([0-9])', replaceString: '$2$1' },
      ['12-abc 1a2b', '99- 9z', 'Größe'],
    ],
    ['nothing without a replacement', { searchPattern: '[a-z ]' }, ['12-12', '99-9', 'Göß']],
    ['beyond ASCII', { searchPattern: 'ö', replaceString: 'oe€' }, ['12-abc a1b2', '99- z9', 'Groe€ße']],
    [
      'a named group',
      { searchPattern: '(?<n>\\d+)-', replaceString: `<$\{n}>` },
      ['<12>abc a1b2', '<99> z9', 'Größe'],
    ],
  ])('%s', async (_, properties, expected) => {
    expect(bodiesOf(await made(properties).run(batchOf('12-abc a1b2', '99- z9', 'Größe')))).toEqual(expected);
  });

  it('hands a batch on untouched where nothing is found, bytes that are no text among it', async () => {
    const builder = new BatchBuilder();
    builder.add(Buffer.from([0xff, 0x61]));
    const batch = builder.build();
    expect(await made({ searchPattern: 'b' }).run(batch)).toBe(batch);
  });

  it('leaves headers, keys and times as they were', async () => {
    const builder = new BatchBuilder();
    builder.add('abc', [['h', '1']], 'k', 5);
    const [event] = (await made({ searchPattern: 'b', replaceString: 'longer' }).run(builder.build()))!;
    expect([event!.body.toString(), event!.header('h'), event!.key?.toString(), event!.timestamp]).toEqual([
      'alongerc',
      '1',
      'k',
      5,
    ]);
  });

  it('reads and writes bodies in its charset', async () => {
    const builder = new BatchBuilder();
    builder.add(Buffer.from('Größe', 'latin1'));
    const latin = { searchPattern: 'ö', replaceString: 'ü€', charset: 'ISO-8859-1' };
    const [event] = (await made(latin).run(builder.build()))!;
    expect(event!.body.toString('latin1')).toBe('Grü?ße');
  });

  it.each([
    ['searchPattern', { searchPattern: '(' }],
    ['replaceString', { searchPattern: 'a', replaceString: '$1' }],
    ['charset', { searchPattern: 'a', charset: 'no-such' }],
  ])('is refused at %s', (key, properties) => {
    expect(() => made(properties)).toThrow(`${key}: `);
  });
});
