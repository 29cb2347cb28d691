import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Properties draw from the seed of the run. */
const setupFiles = ['./packages/testkit/src/fuzz/seeded-properties.ts'];

const common = { testTimeout: 60_000, hookTimeout: 120_000, pool: 'forks' as const };

const unitFiles = ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'];
const otherProjects = ['**/*.{contract,golden}.test.ts'];
/** Under a clock of their own the timers that another test has left behind would run, too: a year of them at once. */
const clockFiles = globSync(unitFiles, { cwd: import.meta.dirname, exclude: ['**/node_modules/**'] })
  .filter((file) => !/\.(?:contract|golden)\.test\.ts$/.test(file))
  .filter((file) =>
    /useFakeTimers|virtual-time/.test(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')),
  );

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          // The files of one worker share a process: to load the program anew for each would cost more than the tests.
          isolate: false,
          setupFiles,
          maxConcurrency: 12,
          include: unitFiles,
          exclude: [...otherProjects, ...clockFiles],
        },
      },
      { test: { ...common, name: 'clock', include: clockFiles } },
      {
        test: {
          ...common,
          setupFiles,
          name: 'contract',
          include: ['packages/*/src/**/*.contract.test.ts', 'test/contract/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'golden',
          include: ['packages/*/src/**/*.golden.test.ts', 'test/golden/**/*.test.ts'],
        },
      },
      {
        test: {
          ...common,
          name: 'fuzz',
          setupFiles,
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: 180_000,
        },
      },
      {
        test: {
          ...common,
          setupFiles,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          ...common,
          setupFiles,
          name: 'oracle',
          include: ['test/oracle/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
