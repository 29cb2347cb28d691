import { describe, expect, it } from 'vitest';
import { parseJavaInteger } from './option-numbers.ts';
import type { OptionSpec } from './options.ts';
import { opt } from './options.ts';
import { parseOptions } from './parse-options.ts';
import { parsePropertiesText } from './properties.ts';

const doc = 'A sentence.';
const place = { file: 'f', line: 9, column: 9 };

function parse<S extends OptionSpec>(spec: S, text: string) {
  return parseOptions({
    spec,
    properties: parsePropertiesText(text, 'f').properties,
    component: 'sink k1',
    place,
    isCommon: (key) => key === 'type' || key === 'channel',
    commonNames: ['type', 'channel'],
  });
}
const told = (parsed: ReturnType<typeof parse>) =>
  parsed.diagnostics.map(
    (d) =>
      `${d.line}:${d.column} ${d.severity} ${d.code}: ${d.message}${d.suggestion === undefined ? '' : ` (${d.suggestion})`}`,
  );

describe('numbers', () => {
  it.each([
    ['5', 5],
    [' 5 ', 5],
    ['+5', 5],
    ['-5', -5],
    ['-0', 0],
    ['007', 7],
    ['9223372036854775807', Number.MAX_SAFE_INTEGER],
    ['-9223372036854775808', Number.MIN_SAFE_INTEGER],
    ['9223372036854775808', undefined],
    ['1k', undefined],
    ['0x10', undefined],
    ['1.0', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['1_000', undefined],
    ['٣', 3],
    ['-１२', -12],
    ['১০', 10],
    ['٣x', undefined],
    ['9'.repeat(10_000), undefined],
  ])('%j is %j', (text, expected) => {
    expect(parseJavaInteger(text)).toBe(expected);
  });

  const spec = { capacity: opt.int({ doc, unit: 'events', default: 100, min: 1, max: 1000 }) };

  it('a bad one drops the component and says what Java says', () => {
    const parsed = parse(spec, 'capacity = 2x');
    expect(parsed).toMatchObject({
      values: { capacity: 100 },
      dropReason: 'capacity: "2x" is not a whole number',
      flumeFault: 'For input string: "2x"',
    });
    expect(told(parsed)).toEqual([
      '1:12 error bad-number: sink k1 is dropped: capacity: "2x" is not a whole number (numbers have no units; the unit is events)',
    ]);
  });

  it('or takes the default, where Flume does', () => {
    const lenient = { capacity: opt.int({ doc, default: 100, onBad: 'default' }) };
    const parsed = parse(lenient, 'capacity = 500 # five');
    expect(parsed.values).toEqual({ capacity: 100 });
    expect(parsed.dropReason).toBeUndefined();
    expect(told(parsed)).toEqual([
      '1:12 warning number-replaced: sink k1: capacity: "500 # five" is not a whole number; the default 100 is taken, as Flume does (a comment needs a line of its own; write capacity = 500)',
    ]);
  });

  it('has a hint for 5k', () => {
    expect(parse(spec, 'capacity = 5k').diagnostics[0]?.suggestion).toBe('numbers have no units; write 5000');
  });

  it('keeps limits', () => {
    expect(parse(spec, 'capacity = 0').dropReason).toBe('capacity: 0 is less than 1');
    expect(parse(spec, 'capacity = 1001').dropReason).toBe('capacity: 1001 is more than 1000');
    expect(parse(spec, 'capacity = 1000').values).toEqual({ capacity: 1000 });
  });
});

describe('the other kinds', () => {
  const spec = {
    flag: opt.boolean({ doc, default: true }),
    mode: opt.enum(['round_robin', 'random'], { doc, default: 'random' }),
    names: opt.list({ doc }),
    commas: opt.list({ doc, separator: /\s*,\s*/ }),
    headers: opt.map({ doc }),
    text: opt.string({ doc }),
    paths: opt.map({ doc, prefix: 'names' }),
  };

  it('have their defaults', () => {
    expect(parse(spec, '').values).toEqual({
      flag: true,
      mode: 'random',
      names: [],
      commas: [],
      headers: new Map(),
      text: undefined,
      paths: new Map(),
    });
  });

  it('are read as Flume reads them', () => {
    const parsed = parse(
      spec,
      'flag = TRUE\nmode = Round_Robin\nnames = a  b\nnames.a = /x\ncommas = a , b,c\nheaders.f1.k = v\ntext = a b',
    );
    expect(parsed.values).toEqual({
      flag: true,
      mode: 'round_robin',
      names: ['a', 'b'],
      commas: ['a', 'b', 'c'],
      headers: new Map([['f1.k', 'v']]),
      text: 'a b',
      paths: new Map([['a', '/x']]),
    });
    expect(parsed.diagnostics).toEqual([]);
  });

  it('a boolean is true or it is false', () => {
    const parsed = parse(spec, 'flag = yes');
    expect(parsed.values.flag).toBe(false);
    expect(told(parsed)).toEqual([
      '1:8 warning bad-boolean: sink k1: flag: "yes" is not true, so it counts as false (write true or false)',
    ]);
  });

  it('a value outside the set drops', () => {
    const parsed = parse(spec, 'mode = randm');
    expect(parsed.dropReason).toBe('mode: "randm" is none of round_robin, random');
    expect(parsed.diagnostics[0]?.suggestion).toBe('did you mean random?');
  });

  it('a comment at the end of a text is part of it', () => {
    const parsed = parse(spec, 'text = /tmp/x # here');
    expect(parsed.values.text).toBe('/tmp/x # here');
    expect(told(parsed)).toEqual([
      '1:8 info inline-comment: sink k1: text: the text after # is part of the value (a comment needs a line of its own; write text = /tmp/x)',
    ]);
  });
});

describe('names', () => {
  const spec = {
    'kafka.topic': opt.string({ doc, oldNames: ['topic'], default: 'd' }),
    flumeBatchSize: opt.int({ doc, oldNames: ['batchSize'], default: 100 }),
    threads: opt.int({ doc, ignored: 'there is one' }),
    password: opt.string({ doc, secret: true }),
    need: opt.string({ doc, required: true }),
  };

  it('old ones work, and the new one is told', () => {
    const parsed = parse(spec, 'need = x\ntopic = t\nbatchSize = 5');
    expect(parsed.values).toMatchObject({ 'kafka.topic': 't', flumeBatchSize: 5 });
    expect(told(parsed)).toEqual([
      '2:1 info old-name: sink k1: topic is an old name of kafka.topic (write kafka.topic)',
      '3:1 info old-name: sink k1: batchSize is an old name of flumeBatchSize (write flumeBatchSize)',
    ]);
  });

  it('an old one beside the new one does nothing', () => {
    const parsed = parse(spec, 'need = x\ntopic = old\nkafka.topic = new');
    expect(parsed.values['kafka.topic']).toBe('new');
    expect(told(parsed)).toEqual([
      '2:1 warning no-effect: sink k1: topic has no effect beside kafka.topic (remove topic)',
    ]);
  });

  it('unknown ones are told, with the nearest', () => {
    const parsed = parse(spec, 'type = t\nneed = x\nkafka.flumeBatchSize = 5\nchanel = c\nzzz = 1');
    expect(told(parsed)).toEqual([
      '3:1 warning misplaced-key: sink k1 has no property kafka.flumeBatchSize: it is ignored (did you mean flumeBatchSize?)',
      '4:1 warning unknown-key: sink k1 has no property chanel: it is ignored (did you mean channel?)',
      '5:1 warning unknown-key: sink k1 has no property zzz: it is ignored (see docs/components.md for the properties that the component has)',
    ]);
  });

  it('a hundred thousand of them are counted', () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `zzz${i} = 1`).join('\n');
    const { diagnostics } = parse(spec, `need = x\n${text}`);
    expect(diagnostics).toHaveLength(1001);
    expect(diagnostics.at(-1)?.message).toBe('sink k1: 99000 more unknown properties are ignored');
  });

  it('one without effect is told', () => {
    expect(told(parse(spec, 'need = x\nthreads = 5'))).toEqual([
      '2:1 warning no-effect: sink k1: threads has no effect: there is one (remove it)',
    ]);
  });

  it('a missing one drops', () => {
    const parsed = parse(spec, '');
    expect(parsed.dropReason).toBe('The parameter need must be specified');
    expect(told(parsed)).toEqual([
      '9:9 error missing: sink k1 is dropped: The parameter need must be specified (add need = …)',
    ]);
  });
});
