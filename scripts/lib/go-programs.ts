/** Programs that are built from Go modules, once, into `.cache/go/`: servers that tests need and nobody packages. */
import { execFile } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDir, MissingNeed } from './test-needs.ts';

const run = promisify(execFile);

export const goPrograms = {
  /** About five minutes of CPU the first time; what Go has compiled it keeps, so later ones only link. */
  minio: { module: 'github.com/minio/minio', version: 'v0.0.0-20260212201848-7aac2a2c5b7c' },
} as const;
export type GoProgram = keyof typeof goPrograms;

export function hasGoProgram(name: GoProgram): boolean {
  return existsSync(pathOf(name));
}

/** The program's path; builds it where it isn't there. */
export async function goProgram(name: GoProgram): Promise<string> {
  const path = pathOf(name);
  if (existsSync(path)) return path;
  const { module, version } = goPrograms[name];
  // Built beside and renamed, so that two test workers at once don't see half a program.
  const fresh = `${path}.${process.pid}.tmp`;
  try {
    await run('go', ['install', '-trimpath', '-ldflags=-s -w', `${module}@${version}`], {
      env: { ...process.env, GOBIN: fresh, CGO_ENABLED: '0' },
      maxBuffer: 64 * 1024 * 1024,
    });
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

function pathOf(name: GoProgram): string {
  return join(cacheDir('go'), `${name}-${goPrograms[name].version}`);
}
