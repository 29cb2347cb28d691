// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references under test are written like that.
import { describe, expect, it } from 'vitest';
import type { FilterSurroundings } from '../../component/config-filter.ts';
import { componentRegistry } from '../../components/registry.ts';
import { parsePropertiesText } from '../../config/properties.ts';
import { shownValue } from '../../config/properties-model.ts';
import { applyConfigFilters, runFilterCommand } from './config-filters.ts';

const head = 'a1.configfilters = f1\na1.configfilters.f1.type = ';
async function apply(text: string, surroundings: FilterSurroundings = { env: { KEY: 's3cr3t' } }) {
  const result = await applyConfigFilters(
    parsePropertiesText(text, 'f').properties,
    componentRegistry(),
    surroundings,
  );
  return { value: result.properties.get('a1.sinks.k1.x'), diagnostics: result.diagnostics };
}

describe('config filters', () => {
  it.each([
    ['${f1["KEY"]}', 's3cr3t'],
    ["${f1['KEY']}", 's3cr3t'],
    ['${f1[KEY]}', 's3cr3t'],
    ['a ${f1[KEY]} b ${f1[KEY]}', 'a s3cr3t b s3cr3t'],
    ['${f1[NOPE]}', '${f1[NOPE]}'],
    ['${f1[constructor]}', '${f1[constructor]}'],
    ['${f2[KEY]}', '${f2[KEY]}'],
    ['${f1["KEY\']}', '${f1["KEY\']}'],
  ])('env: %s', async (written, expected) => {
    const { value } = await apply(`${head}env\na1.sinks.k1.x = ${written}`);
    expect(value?.value).toBe(expected);
    expect(shownValue(value!)).toBe(written);
  });

  it('tells what stays unresolved', async () => {
    const { diagnostics } = await apply(`${head}env\na1.sinks.k1.x = \${f1[NOPE]}`);
    expect(diagnostics).toMatchObject([{ line: 3, column: 17, severity: 'warning', code: 'unresolved' }]);
  });

  it('external: runs the command with the key, and takes the first line', async () => {
    const commands: string[][] = [];
    const runCommand = async (command: readonly string[], charset: string) => {
      commands.push([...command, charset]);
      return 'first\nsecond\n';
    };
    const text = `${head}external\na1.configfilters.f1.command = /bin/secret -k\na1.sinks.k1.x = \${f1["KEY"]}`;
    expect((await apply(text, { env: {}, runCommand })).value?.value).toBe('first');
    expect(commands).toEqual([['/bin/secret', '-k', 'KEY', 'UTF-8']]);
  });

  it('external: a check runs nothing', async () => {
    const text = `${head}external\na1.configfilters.f1.command = /bin/false\na1.sinks.k1.x = \${f1["KEY"]}`;
    const { value, diagnostics } = await apply(text);
    expect(value?.value).toBe('${f1["KEY"]}');
    expect(diagnostics[0]?.message).toContain('a check runs no commands');
  });

  it('external: a failing command leaves the text, and its words are not shown', async () => {
    const text = `${head}external\na1.configfilters.f1.command = x\na1.sinks.k1.x = \${f1["KEY"]}`;
    const runCommand = () => Promise.reject(new Error('the secret is s3cr3t'));
    const { value, diagnostics } = await apply(text, { env: {}, runCommand });
    expect(value?.value).toBe('${f1["KEY"]}');
    expect(JSON.stringify(diagnostics)).not.toContain('s3cr3t');
    expect(diagnostics).toHaveLength(1);
  });

  it.each([
    ['hadoop', 'missing', 'credential.provider.path'],
    ['external', 'missing', 'The parameter command must be specified'],
    ['constructor', 'bad-filter', 'unknown config filter type: constructor'],
  ])('%s is told', async (type, code, text) => {
    const { diagnostics } = await apply(`${head}${type}\na1.sinks.k1.x = \${f1[KEY]}`);
    expect(diagnostics).toMatchObject([{ line: 2, severity: 'error', code }]);
    expect(diagnostics[0]?.message).toContain(text);
  });

  it('runs a program without a shell', async () => {
    expect(await runFilterCommand([process.execPath, '-p', '"a$(b)"', ';', 'x'], 'UTF-8')).toBe('a$(b)\n');
    await expect(runFilterCommand([process.execPath, '-e', 'process.exit(3)'], 'UTF-8')).rejects.toThrow();
    await expect(runFilterCommand(['/does/not/exist'], 'UTF-8')).rejects.toThrow();
    await expect(runFilterCommand(['/bin/true'], 'no-such-charset')).rejects.toThrow();
  });
});
