import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';

/** What a suite needs of a test runner; `node:test` and vitest both fit. */
export interface TestApi {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
}

/** A batch of events with these bodies. */
export function batchOf(...bodies: string[]): EventBatch {
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(body);
  return builder.build();
}

/** `count` bodies: `<prefix>0`, `<prefix>1`, … */
export function numbered(prefix: string, count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${from + i}`);
}

/** The bodies of a batch as text. */
export function bodiesOf(batch: EventBatch | null): string[] {
  return batch === null ? [] : [...batch].map((event) => event.body.toString());
}
