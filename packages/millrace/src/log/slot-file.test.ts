import { expect, it } from 'vitest';
import { FaultyFiles } from '../../../testkit/src/files/faulty-files.ts';
import { SlotFile } from './slot-file.ts';

function make(): { files: FaultyFiles; slots: () => SlotFile } {
  const files = new FaultyFiles(1);
  files.makeDir('/d');
  return { files, slots: () => new SlotFile(files, '/d/s') };
}

it('gives the newest values, over many writes and a new start', () => {
  const { slots } = make();
  expect(slots().read()).toBeNull();
  const writer = slots();
  for (let i = 0; i < 5; i++) writer.write([i, -1, Number.MAX_SAFE_INTEGER]);
  expect(slots().read()).toEqual([4, -1, Number.MAX_SAFE_INTEGER]);
  const next = slots();
  next.read();
  next.write([7]);
  expect(slots().read()).toEqual([7]);
});

it('gives the values before when the newest are damaged, in any byte', () => {
  for (let at = 0; at < 128; at++) {
    const { files, slots } = make();
    const writer = slots();
    writer.write([10]);
    writer.write([20]); // sequence 2: the slot at byte 0
    files.damage('/d/s', at, Buffer.from('~'));
    expect(slots().read()).toEqual([10]);
  }
});

it('finds nothing in a file of something else', () => {
  const { files, slots } = make();
  files.open('/d/s', 'create').write([Buffer.alloc(300, 'x')], 0);
  expect(slots().read()).toBeNull();
});
