/**
 * Makes the package as it is published: `node scripts/pack.ts [DIR]` (default dist/millrace). Compiled code instead of
 * sources, the exports that point at it, the quickstart beside it. Then the tarball of it beside the folder; its path
 * is the last line. `npm install TARBALL` or `npm publish TARBALL` takes it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'packages/millrace');
const target = resolve(process.argv[2] ?? join(root, 'dist/millrace'));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const built = spawnSync(
  process.execPath,
  [tsc, '-p', join(source, 'tsconfig.build.json'), '--outDir', join(target, 'dist')],
  {
    stdio: 'inherit',
  },
);
if (built.status !== 0) process.exit(built.status ?? 1);

const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
  exports: Record<string, unknown>;
  files: string[];
};
manifest.exports = Object.fromEntries(
  Object.entries(manifest.exports).map(([name, path]) => {
    if (String(path).endsWith('.json')) return [name, path];
    const compiled = String(path).replace('./src/', './dist/').replace(/\.ts$/, '');
    return [name, { types: `${compiled}.d.ts`, default: `${compiled}.js` }];
  }),
);
manifest.files = ['bin', 'dist', 'quickstart', 'schema', 'LICENSE', 'NOTICE'];
writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
for (const folder of ['bin', 'schema'])
  cpSync(join(source, folder), join(target, folder), { recursive: true });
for (const file of ['LICENSE', 'NOTICE', 'README.md']) cpSync(join(root, file), join(target, file));
mkdirSync(join(target, 'quickstart'));
cpSync(join(root, 'examples/quickstart/flume.conf'), join(target, 'quickstart/flume.conf'));

const packed = spawnSync('npm', ['pack', '--json', '--silent', '--pack-destination', dirname(target)], {
  cwd: target,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
  shell: process.platform === 'win32',
});
if (packed.status !== 0) process.exit(packed.status ?? 1);
const files = Object.values(JSON.parse(packed.stdout) as Record<string, { filename: string }>);
console.log(join(dirname(target), files[0]!.filename));
