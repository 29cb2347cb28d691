import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfiguration } from '../agent/configuration/load-config.ts';
import { startProperties } from './start-properties.ts';

const root = resolve(import.meta.dirname, '../../../..');

test('the pause in the first hint is longer than a source of the quickstart idles', async () => {
  const { agents } = await loadConfiguration([resolve(root, 'examples/quickstart/flume.conf')], {
    systemProperties: new Map(startProperties('/data', 'localhost:9092')),
  });
  const tail = agents.find(({ name }) => name === 'collect')!.sources.find(({ name }) => name === 'tail')!;
  const pauses = ['README.md', 'packages/millrace/src/cli/start.ts'].flatMap((file) =>
    [...readFileSync(resolve(root, file), 'utf8').matchAll(/echo hello .* sleep (\d+)/g)].map(
      ([, seconds]) => 1000 * Number(seconds),
    ),
  );
  expect(pauses).toHaveLength(2);
  for (const pauseMs of pauses) expect(pauseMs).toBeGreaterThanOrEqual(2 * tail.polling.maxBackoffSleepMs);
});
