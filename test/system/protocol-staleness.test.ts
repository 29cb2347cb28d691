/** The committed codecs are what the generator makes of Kafka's definitions today. Needs Maven, Java and the network once. */
import { expect, it } from 'vitest';
import { generateProtocol, staleFiles } from '../../scripts/generate-protocol.ts';

it('finds every generated file up to date', () => {
  const files = generateProtocol();
  expect(files.size).toBeGreaterThan(80);
  expect(staleFiles(files)).toEqual([]);
});

it('notices a changed, a missing and a left-over file', () => {
  const files = generateProtocol();
  const [first, second] = [...files.keys()];
  files.set(first!, `${files.get(first!)}// changed\n`);
  files.delete(second!);
  files.set('packages/millrace/src/protocol/generated/not-there.ts', '');
  expect(staleFiles(files)).toEqual([first, 'packages/millrace/src/protocol/generated/not-there.ts', second]);
});
