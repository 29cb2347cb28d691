/** The package as it is published: installed into an empty folder, used as the README says. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const snippets = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!);

let dir: TempDir;
beforeAll(async () => {
  dir = tempDir();
  const packed = await runToEnd(
    process.execPath,
    [join(root, 'scripts/pack.ts'), dir.join('packed/millrace')],
    { cwd: root },
  );
  const tarball = packed.stdout.trim().split('\n').at(-1)!;
  expect(tarball).toMatch(/millrace-\d+\.\d+\.\d+\.tgz$/);
  expect(statSync(tarball).isFile()).toBe(true);
  writeFileSync(dir.join('package.json'), '{ "name": "user", "private": true, "type": "module" }\n');
  await runToEnd('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], {
    cwd: dir.path,
    timeoutMs: 180_000,
  });
});
afterAll(() => dir[Symbol.asyncDispose]());

describe('the snippets of the README', () => {
  const shows = [
    /^give this to any Kafka client: 127\.0\.0\.1:\d+$/m,
    /Event: \{ headers:\{\} body: 32 +2 \}/,
  ];

  test('there are as many as are tested here', () => expect(snippets.length).toBe(shows.length));

  test.each(shows.map((shown, i) => [i + 1, shown] as const))(
    'number %i shows something',
    async (n, shown) => {
      writeFileSync(dir.join(`snippet-${n}.ts`), snippets[n - 1]!);
      const { stdout } = await runToEnd(process.execPath, [`snippet-${n}.ts`], { cwd: dir.path });
      expect(stdout).toMatch(shown);
    },
  );

  test('their types are whole, without anything else installed', async () => {
    for (const [i, text] of snippets.entries()) writeFileSync(dir.join(`snippet-${i + 1}.ts`), text);
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'es2022',
      lib: ['es2022'],
      noEmit: true,
      skipLibCheck: false,
    };
    writeFileSync(dir.join('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['snippet-*.ts'] }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await runToEnd(process.execPath, [tsc, '-p', '.'], { cwd: dir.path, anyExit: true });
    const ours = stdout.split('\n').filter((line) => !line.startsWith('node_modules/@types/'));
    expect(ours.join('\n')).toBe('');
  });
});

test.each(['18.20.4', '20.19.0', '22.14.0'])('on Node %s a sentence says what is needed', async (version) => {
  const old = `Object.defineProperty(process.versions, 'node', { value: '${version}' });`;
  for (const entry of ['millrace', 'millrace/broker', 'millrace/component']) {
    const run = await runToEnd(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(old)}`,
        '--input-type=module',
        '-e',
        `await import('${entry}')`,
      ],
      { cwd: dir.path, anyExit: true },
    );
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('millrace needs Node 22.15 or newer');
  }
});

test('the schemas of its reports come with it', async () => {
  for (const name of ['check', 'check-explain', 'explain']) {
    const code = `import schema from 'millrace/schema/${name}.json' with { type: 'json' }; console.log(schema.$id)`;
    const run = await runToEnd(process.execPath, ['--input-type=module', '-e', code], { cwd: dir.path });
    expect(run.stdout.trim()).toBe(`urn:millrace:${name}`);
  }
});

test('its commands run, with their examples', async () => {
  for (const bin of ['millrace', 'flume-ng']) {
    const run = await runToEnd(join(dir.path, 'node_modules/.bin', bin), ['version'], { cwd: dir.path });
    expect(run.stdout).toMatch(/^millrace/i);
  }
  expect(existsSync(dir.join('node_modules/millrace/quickstart/flume.conf'))).toBe(true);
});
