// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the look-ups under test are written like that.
import { describe, expect, it } from 'vitest';
import { parsePropertiesText } from './properties.ts';
import { shownValue } from './properties-model.ts';
import { substitute } from './substitution.ts';

const context = {
  env: { MYVAR: 'myval', B: 'MYVAR', EMPTY: '', HIDDEN: 's3cr3t', LOOP: `${'$'}{env:LOOP}` },
  systemProperties: new Map([['myprop', 'sysval']]),
  now: new Date(2026, 10, 22, 4, 5, 6, 7),
};
const run = (text: string) => substitute(parsePropertiesText(text, 'f').properties, context);
const value = (written: string) => run(`k = ${written}`).properties.get('k')?.value;
const codes = (text: string) =>
  run(text).diagnostics.map(({ code, severity, line, column }) => [severity, code, line, column]);

describe('what golden runs of Flume 1.11 gave', () => {
  it.each([
    ['${env:MYVAR}', 'myval'],
    ['x${env:MYVAR}y', 'xmyvaly'],
    ['${env:NOPE:-dflt}', 'dflt'],
    ['${sys:myprop}', 'sysval'],
    ['${env:NOPE}', '${env:NOPE}'],
    ['${NOPE}', '${NOPE}'],
    ['${date:yyyy}', '2026'],
    ['${const:java.lang.Integer.MAX_VALUE}', '${const:java.lang.Integer.MAX_VALUE}'],
    ['${base64Decoder:SGVsbG8=}', '${base64Decoder:SGVsbG8=}'],
    ['${file:UTF-8:/etc/passwd}', '${file:UTF-8:/etc/passwd}'],
    ['${script:javascript:1+1}', '${script:javascript:1+1}'],
    ['${dns:example.org}', '${dns:example.org}'],
    ['${url:UTF-8:http://example.org}', '${url:UTF-8:http://example.org}'],
  ])('%s', (written, expected) => {
    expect(value(written)).toBe(expected);
  });
});

describe('beyond it', () => {
  it.each([
    ['${MYVAR}', '${MYVAR}'],
    ['${env:${env:B}}', 'myval'],
    ['${env:NOPE:-${env:MYVAR}}', 'myval'],
    ['${env:EMPTY}', ''],
    ['${NOPE:-a:-b}', 'a:-b'],
    ['$${env:MYVAR}', '${env:MYVAR}'],
    ['${unclosed', '${unclosed'],
    ['${env:constructor}', '${env:constructor}'],
    ['${toString}', '${toString}'],
    ['${}', '${}'],
    ['a}b${env:MYVAR}c}', 'a}bmyvalc}'],
    ["${date:yyyy-MM-dd'T'HH:mm:ss.SSS}", '2026-11-22T04:05:06.007'],
    ['${date:EEEE}', '${date:EEEE}'],
    ['${f1["key"]}', '${f1["key"]}'],
  ])('%s', (written, expected) => {
    expect(value(written)).toBe(expected);
  });

  it('takes ${NAME} from the environment with the property that makes Flume do so', () => {
    const systemProperties = new Map([
      ['propertiesImplementation', 'org.apache.flume.node.EnvVarResolverProperties'],
    ]);
    const { properties } = parsePropertiesText('k = x${MYVAR}y${NOPE}', 'f');
    const resolved = substitute(properties, { ...context, systemProperties });
    expect(resolved.properties.get('k')?.value).toBe('xmyvaly${NOPE}');
  });

  it.each(['version', 'runtime', 'vm', 'os', 'hw', 'locale'])('says of ${java:%s} what runs here', (key) => {
    const text = value(`\${java:${key}}`);
    expect(text).not.toContain('${');
    expect(run(`k = \${java:${key}}`).diagnostics).toEqual([]);
  });

  it('refers to other keys, wherever they stand', () => {
    const { properties } = run('a.url = ${a.host}:${a.port}\na.host = h\na.port = ${n}\nn = 9092');
    expect(properties.get('a.url')?.value).toBe('h:9092');
  });
});

describe('what is told', () => {
  it('what stays unresolved, at its place', () => {
    expect(codes('x = 1\nk = a${NOPE}')).toEqual([['warning', 'unresolved', 2, 5]]);
    expect(run('k = ${MYVAR}').diagnostics[0]?.suggestion).toContain('write ${env:MYVAR}');
    expect(codes('k = ${NOPE:-x}')).toEqual([]);
    expect(codes('k = ${f1["key"]}')).toEqual([]);
  });

  it('circles end', () => {
    const { properties, diagnostics } = run('a = ${b}\nb = ${a}\nc = ${c}\nd = ${env:LOOP}');
    expect(properties.get('c')?.value).toBe('${c}');
    expect(properties.get('d')?.value).toBe('${env:LOOP}');
    expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(['reference-circle']));
  });

  it('values that double end', () => {
    const lines = Array.from({ length: 60 }, (_, i) => `k${i} = \${k${i + 1}}\${k${i + 1}}`);
    const { properties, diagnostics } = run([...lines, 'k60 = xxxxxxxxxxxxxxxx'].join('\n'));
    expect(properties.get('k0')!.value.length).toBeLessThan(3 * 1024 * 1024);
    expect(diagnostics.some(({ code }) => code === 'reference-too-deep' || code === 'value-too-long')).toBe(
      true,
    );
  });

  it('nesting without end ends', () => {
    expect(run(`k = ${'${'.repeat(20_000)}`).properties.get('k')?.value).toHaveLength(40_000);
    expect(run(`k = ${'${a'.repeat(5000)}${'}'.repeat(5000)}`).diagnostics.length).toBeGreaterThan(0);
  });

  it('a value from the environment is never shown', () => {
    const property = run('capacity = ${env:HIDDEN}').properties.get('capacity')!;
    expect(property.value).toBe('s3cr3t');
    expect(shownValue(property)).toBe('${env:HIDDEN}');
  });
});
