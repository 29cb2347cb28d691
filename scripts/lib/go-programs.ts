/**
 * Programs that are built from Go modules, once, into `.cache/go/`: servers that tests need and nobody packages, and the
 * tests that a client brings with its module, as a program that runs them against any broker.
 */
import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir, MissingNeed } from './test-needs.ts';

const run = promisify(execFile);

export const goPrograms = {
  /** About five minutes of CPU the first time; what Go has compiled it keeps, so later ones only link. */
  minio: { module: 'github.com/minio/minio', version: 'v0.0.0-20260212201848-7aac2a2c5b7c' },
  /** The tests of franz-go's client. */
  'franz-go-tests': { module: 'github.com/twmb/franz-go', version: 'v1.22.1', testsOf: './pkg/kgo' },
} as const satisfies Record<string, GoModule>;
interface GoModule {
  readonly module: string;
  readonly version: string;
  /** The package of the module whose tests are the program. */
  readonly testsOf?: string;
}
export type GoProgram = keyof typeof goPrograms;

export function hasGoProgram(name: GoProgram): boolean {
  return existsSync(pathOf(name));
}

/** The program's path; builds it where it isn't there. */
export async function goProgram(name: GoProgram): Promise<string> {
  const path = pathOf(name);
  if (existsSync(path)) return path;
  const program: GoModule = goPrograms[name];
  // Built beside and renamed, so that two test workers at once don't see half a program.
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    if (program.testsOf === undefined) await install(program, fresh);
    else await compileTests(program, program.testsOf, join(fresh, name));
    renameSync(join(fresh, name), path);
  } catch (error) {
    const { code, stderr = '' } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT')
      throw new MissingNeed(`Go is missing (it builds ${name}): apt-get install golang.`);
    throw new MissingNeed(`Go could not build ${name}: ${stderr.trim().split('\n').at(-1) ?? String(error)}`);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return path;
}

const building = { maxBuffer: 64 * 1024 * 1024 };

async function install({ module, version }: GoModule, dir: string): Promise<void> {
  await run('go', ['install', '-trimpath', '-ldflags=-s -w', `${module}@${version}`], {
    ...building,
    env: { ...process.env, GOBIN: dir, CGO_ENABLED: '0' },
  });
}

/** In the module's own folder, where its `go.sum` has what its tests need, too. */
async function compileTests({ module, version }: GoModule, testsOf: string, path: string): Promise<void> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], building);
  const { Dir: dir } = JSON.parse(stdout) as { Dir: string };
  await run('go', ['test', '-c', '-trimpath', '-ldflags=-s -w', '-o', path, testsOf], {
    ...building,
    cwd: dir,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
}

function pathOf(name: GoProgram): string {
  return join(cacheDir('go'), `${name}-${goPrograms[name].version}`);
}
