import { describe, expect, it } from 'vitest';
import { interceptorFor } from '../../component/testing/interceptor-contract.ts';
import { batchOf, bodiesOf } from '../../component/testing/test-api.ts';
import { regexExtractorInterceptor } from './regex-extractor-interceptor.ts';

const millis = 'org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer';
const extractor = (properties: Record<string, string>) =>
  interceptorFor(regexExtractorInterceptor, properties);
const headersOf = async (properties: Record<string, string>, ...bodies: string[]) => {
  const left = await extractor(properties).run(batchOf(...bodies));
  return [...left!].map((event) => Object.fromEntries(event.headers()));
};
const two = { serializers: 's1 s2', 'serializers.s1.name': 'num', 'serializers.s2.name': 'word' };
const dated = (pattern: string) => ({
  regex: '^(.*)$',
  serializers: 't',
  'serializers.t.type': millis,
  'serializers.t.name': 'timestamp',
  'serializers.t.pattern': pattern,
});

describe('regex_extractor', () => {
  it('sets a header for each group and serializer, of the first match (golden E7)', async () => {
    expect(
      await headersOf(
        { regex: '(\\d+)-(\\w+)?(x)?', ...two },
        '12-abc a1b2',
        '99- z9',
        'no match',
        '1-a 2-b',
      ),
    ).toEqual([{ num: '12', word: 'abc' }, { num: '99' }, {}, { num: '1', word: 'a' }]);
  });

  it('leaves out groups without a serializer, and serializers without a group', async () => {
    expect(await headersOf({ regex: '(a)(b)(c)', ...two }, 'abc')).toEqual([{ num: 'a', word: 'b' }]);
    expect(await headersOf({ regex: '(a)', ...two }, 'abc')).toEqual([{ num: 'a' }]);
  });

  it('reads bodies as UTF-8', async () => {
    expect(await headersOf({ regex: '(ö.)', ...two }, 'Größe')).toEqual([{ num: 'öß' }]);
  });

  it('sets an event aside whose text is no date, and goes on with the others (in Flume the batch fails)', async () => {
    const { run, context } = extractor(dated('yyyy-MM-dd HH:mm'));
    const left = await run(batchOf('2012-10-18 18:47', '2012-13-18 18:47', 'x', '2012-10-18 18:48'));
    expect(bodiesOf(left)).toEqual(['2012-10-18 18:47', '2012-10-18 18:48']);
    const local = new Date(2012, 9, 18, 18, 47).getTime();
    expect([...left!].map((event) => event.header('timestamp'))).toEqual([`${local}`, `${local + 60_000}`]);
    expect(context.refused.events.map(({ reason, stage, index }) => [index, stage, reason])).toEqual([
      [
        1,
        'intercept',
        'Cannot parse "2012-13-18 18:47": Value 13 for monthOfYear must be in the range [1,12]',
      ],
      [2, 'intercept', 'Cannot parse "x": it is malformed at "x"'],
    ]);
  });

  it('fails the batch as Flume does with onRefused = retry', async () => {
    const { run, context } = extractor({ ...dated('yyyy'), onRefused: 'retry' });
    await expect(run(batchOf('2012', 'x'))).rejects.toThrow('Cannot parse "x"');
    expect(context.refused.events).toEqual([]);
  });

  it('answers only when what is set aside is safe', async () => {
    const { run, context } = extractor(dated('yyyy'));
    context.refused.failure = new Error('disk full');
    await expect(run(batchOf('x'))).rejects.toThrow('disk full');
  });

  it.each([
    [{ ...two, regex: '(' }, "regex: '(' is not a valid regular expression"],
    [{ regex: '(a)', serializers: 's1' }, 'serializers.s1.name is not given'],
    [{ regex: '(a)', ...two, 'serializers.s1.type': 'default' }, 'unknown serializer type: default'],
    [{ ...dated(''), regex: '(a)' }, 'valid pattern'],
    [dated('yyyy G'), "'yyyy G', character 6: G is not supported"],
  ])('is refused with its place: %j', (properties, message) => {
    expect(() => extractor(properties as unknown as Record<string, string>)).toThrow(message);
  });
});
