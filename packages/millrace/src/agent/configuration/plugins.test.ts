import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { loadPlugins } from './plugins.ts';

/** A module with one export; `but`: what is another than it should be. */
const sink = (name: string, type: string, but = ''): string =>
  `export const ${name} = { kind: 'sink', type: '${type}', classNames: [], summary: 'S.', options: {}, create: () => ({}), ${but} };\n`;

describe('components from modules', () => {
  it('are all that a module exports, alone or in a list, and nothing else of it', async () => {
    await using dir = tempDir();
    const file = dir.join('own.ts');
    writeFileSync(
      file,
      `${sink('one', 'one')}${sink('two', 'two')}export default [two];\nexport const other: number = 1;\nexport function help() {}\n`,
    );
    expect((await loadPlugins([file])).map(({ type }) => type)).toEqual(['one', 'two']);
  });

  it('of a folder are those of its modules, in order, without tests and declarations', async () => {
    await using dir = tempDir();
    mkdirSync(dir.join('deeper'));
    const files: Record<string, string> = {
      'b.js': sink('b', 'b'),
      'a.ts': sink('a', 'a'),
      'a.test.ts': 'throw new Error("a test is no plugin");',
      'a.d.ts': 'throw new Error("nor are declarations");',
      'helpers.ts': 'export const help = 1;',
      '.hidden.ts': 'throw new Error("nor what is hidden");',
      'notes.md': 'nor is this',
      'deeper/c.ts': sink('c', 'c'),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(dir.join(name), text);
    expect((await loadPlugins([dir.path])).map(({ type }) => type)).toEqual(['a', 'b']);
    expect(await loadPlugins([dir.join('deeper'), dir.path, dir.path])).toHaveLength(3);
  });

  it.each([
    ['x.ts', 'syntax error here', /x\.ts: /],
    ['x.ts', "import 'no-such-package-anywhere';", /x\.ts: .*no-such-package-anywhere/],
    ['x.ts', 'export const a = 1;', /x\.ts: it exports no component/],
    [
      'x.ts',
      sink('a', 'a', "kind: 'sing'"),
      /x\.ts: export a: its kind "sing" is none; there are source, channel/,
    ],
    ['x.ts', sink('a', 'a', 'create: 1'), /x\.ts: export a: its create is no function/],
    ['x.ts', sink('a', 'a', 'options: undefined'), /x\.ts: export a: it has no options/],
    ['x.ts', sink('a', 'a', 'summary: 1'), /x\.ts: export a: it has no summary/],
    ['x.ts', sink('a', 'a', 'classNames: undefined'), /x\.ts: export a: its classNames/],
    ['x.ts', sink('a', 'a', 'type: undefined'), /x\.ts: export a: no configuration could name it/],
    ['x.ts', sink('a', 'a') + sink('b', 'A'), /x\.ts: export b: .*x\.ts, export a has sink type a already/],
    ['x.jar', '', /x\.jar: it is no module/],
  ])('%s with %j is told with file, export and what is wrong', async (name, text, message) => {
    await using dir = tempDir();
    writeFileSync(dir.join(name), text);
    const loading = loadPlugins([dir.join(name)]);
    await expect(loading).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('that are not there are told', async () => {
    await expect(loadPlugins(['/nowhere/x.ts'])).rejects.toThrow('plugin /nowhere/x.ts: it is not there');
  });
});
