import { describe, expect, it } from 'vitest';
import { interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { regexFilterInterceptor } from './regex-filter-interceptor.ts';

const filter = (properties: Record<string, string | boolean>) =>
  interceptorFor(regexFilterInterceptor, properties);

describe('regex_filter', () => {
  it.each([
    ['found anywhere', { regex: 'b' }, ['abc', 'b']],
    ['from the start only where it says so', { regex: '^b' }, ['b']],
    ['the others, with excludeEvents', { regex: 'b', excludeEvents: true }, ['', 'Größe', 'x\ny']],
    ['every event by default', {}, ['abc', 'b', '', 'Größe', 'x\ny']],
    ['none by default with excludeEvents', { excludeEvents: true }, []],
    ['beyond ASCII', { regex: 'ö.e' }, ['Größe']],
    ['not over lines, as in Java', { regex: 'x.y' }, []],
    ['over lines with (?s)', { regex: '(?s)x.y' }, ['x\ny']],
  ])('%s', async (_, properties, kept) => {
    const left = await filter(properties).run(batchOf('abc', 'b', '', 'Größe', 'x\ny'));
    expect(bodiesOf(left)).toEqual(kept);
  });

  it('keeps headers, keys and times of what it keeps, and hands a batch on untouched where it keeps all', async () => {
    const builder = new BatchBuilder();
    builder.add('drop me', [['n', '0']]);
    builder.add('keep', [['n', '1']], 'key', 5);
    builder.add(null, [['n', '2']]);
    const batch = builder.build(new Map([['shared', 's']]));
    const [event, ...others] = (await filter({ regex: 'keep' }).run(batch))!;
    expect(others).toEqual([]);
    expect(event!.timestamp).toBe(5);
    expect([event!.key?.toString(), Object.fromEntries(event!.headers())]).toEqual([
      'key',
      { shared: 's', n: '1' },
    ]);
    expect(await filter({ regex: '' }).run(batch)).toBe(batch);
  });

  it('is refused with a pattern that is none, at its property', () => {
    expect(() => filter({ regex: '(' })).toThrow("regex: '(' is not a valid regular expression");
  });
});
