/** Millrace's own programs as child processes, run as a user runs them. */
import { join } from 'node:path';
import { ManagedProcess } from './processes.ts';

const root = join(import.meta.dirname, '../../../..');
const bins = { millrace: 'millrace.mjs', 'flume-ng': 'flume-ng.mjs' } as const;

/** Where a bin is; started with the Node that runs the tests. */
export function binPath(bin: keyof typeof bins): string {
  return join(root, 'packages/millrace/bin', bins[bin]);
}

/** Starts `millrace ARGS` or `flume-ng ARGS`. */
export function startMillrace(
  args: readonly string[],
  options: { bin?: keyof typeof bins; cwd?: string; stdin?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<ManagedProcess> {
  const { bin = 'millrace', ...rest } = options;
  return ManagedProcess.spawn(process.execPath, [binPath(bin), ...args], {
    name: `${bin} ${args[0]}`,
    ...rest,
  });
}
