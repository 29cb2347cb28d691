import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { removeHeaderInterceptor } from './remove-header-interceptor.ts';

/** Two events, all headers their own. */
function batch(): EventBatch {
  const builder = new BatchBuilder();
  builder.add(
    'a',
    ['tmp1', 'yy', 'ytmp', 'zz', ''].map((name): [string, string] => [name, 'v']),
  );
  builder.add('b', [['yy', 'w']]);
  return builder.build();
}

async function left(properties: Record<string, string>, of = batch()): Promise<string[][]> {
  const made = await interceptorFor(removeHeaderInterceptor, properties).run(of);
  return [...made!].map((event) => [...event.headers().keys()]);
}

describe('remove_header', () => {
  it.each([
    ['E7 by pattern and list', { matching: 'tmp.*', fromList: 'zz , yy' }, [['ytmp', ''], []]],
    ['one by name', { withName: 'zz' }, [['tmp1', 'yy', 'ytmp', ''], ['yy']]],
    ['not the name in another case', { withName: 'ZZ' }, [['tmp1', 'yy', 'ytmp', 'zz', ''], ['yy']]],
    ['a pattern over the whole name', { matching: 'tmp|yy' }, [['tmp1', 'ytmp', 'zz', ''], []]],
    [
      'a list with its own separator',
      { fromList: 'zz;yy', fromListSeparator: ';' },
      [['tmp1', 'ytmp', ''], []],
    ],
    [
      'a list that begins with a separator names the empty header',
      { fromList: ',yy,' },
      [['tmp1', 'ytmp', 'zz'], []],
    ],
    [
      'the separator is an expression',
      { fromList: 'zz11yy', fromListSeparator: '\\d+' },
      [['tmp1', 'ytmp', ''], []],
    ],
  ])('removes %s', async (_, properties, expected) => {
    expect(await left(properties)).toEqual(expected);
  });

  it('removes what all events share and what metadata shows', async () => {
    const consumed = batch()
      .withSharedHeaders(
        new Map([
          ['topic', 't'],
          ['dc', 'd'],
        ]),
      )
      .withOrigin({ baseOffset: 5, offsetHeader: 'offset', timestampHeader: 'timestamp' });
    expect(await left({ fromList: 'topic,offset,tmp1,ytmp,zz,yy', withName: '' }, consumed)).toEqual([
      ['dc', 'timestamp'],
      ['dc', 'timestamp'],
    ]);
  });

  it('says that it does nothing where nothing is named', () => {
    const { options } = contextFor(removeHeaderInterceptor);
    expect(removeHeaderInterceptor.notes!(options)).toEqual([expect.objectContaining({ key: 'type' })]);
    const named = contextFor(removeHeaderInterceptor, { withName: 'x' }).options;
    expect(removeHeaderInterceptor.notes!(named)).toEqual([]);
  });

  it('is refused with a pattern that is none', () => {
    expect(() => interceptorFor(removeHeaderInterceptor, { matching: '(' })).toThrow('matching: ');
    expect(() => interceptorFor(removeHeaderInterceptor, { fromList: 'a', fromListSeparator: '[' })).toThrow(
      'fromListSeparator: ',
    );
  });
});
