import { describe, expect, it } from 'vitest';
import { FaultyFiles, randomFrom } from '../../../testkit/src/files/faulty-files.ts';
import { contents } from '../../../testkit/src/files/log-contents.ts';
import { HookedFiles } from '../../../testkit/src/files/slow-files.ts';
import { batchBytes } from '../../../testkit/src/fuzz/event-batches.ts';
import type { FileLayer, LayerFile } from '../runtime/files.ts';
import { logFaultOf } from './faults.ts';
import { Log } from './log.ts';
import { MemoryFiles } from './memory-files.ts';

const dir = '/logs/t-0';

const errorOf = (action: () => unknown): unknown => {
  try {
    action();
    return null;
  } catch (error) {
    return error;
  }
};

const small = batchBytes(['new']);

/** A batch whose value holds another one: right behind where `small` would end, and with the offset due there. */
function holdingForged(baseOffset: number): Buffer {
  const inner = batchBytes(['forged']);
  inner.writeBigInt64BE(BigInt(baseOffset), 0);
  for (let pad = 0; pad < small.length; pad++) {
    const value = Buffer.concat([Buffer.alloc(pad, 32), inner, Buffer.alloc(3000, 32)]);
    const outer = batchBytes([value as never]);
    if (outer.indexOf(inner) === small.length) return outer;
  }
  throw new Error('no value of that length begins there');
}

/** Power cuts after `small` was written where other bytes had been: what the log held then, over many draws. */
async function afterPowerCuts(before: (files: FaultyFiles, log: Log) => Promise<void>): Promise<Set<string>> {
  const found = new Set<string>();
  for (let seed = 1; seed <= 60; seed++) {
    const files = new FaultyFiles(seed);
    const log = await Log.open(dir, { files: files.life() });
    await before(files, log);
    log.appendMany(Buffer.from(small));
    files.crash();
    const again = await Log.open(dir, { files: files.life() });
    found.add(contents(again).join(' '));
    await again.close();
  }
  return found;
}

describe('after a power cut, no bytes of before stand behind what was written last', () => {
  it('where a log was cut', async () => {
    const found = await afterPowerCuts(async (_files, log) => {
      log.appendMany(holdingForged(1));
      await log.flush();
      await log.truncateTo(0);
    });
    expect(found).toEqual(new Set(['', '0:new']));
  });

  it('where a refused write was taken back', async () => {
    const found = await afterPowerCuts(async (files, log) => {
      const outer = holdingForged(1);
      files.faults.diskBytes = 1500;
      expect(logFaultOf(errorOf(() => log.appendMany(outer)))).toBe('refused');
      // Not yet: the device would not know that what was written of it is gone.
      expect(logFaultOf(errorOf(() => log.appendMany(Buffer.from(small))))).toBe('refused');
      delete files.faults.diskBytes;
      await log.flush();
    });
    expect(found).toEqual(new Set(['', '0:new']));
  });
});

/** A device that refuses one kind of call for a while. */
class RefusingFiles extends MemoryFiles implements FileLayer {
  /** The call, and how the names of its files end. */
  refused: readonly [call: string, ending: string] | null = null;

  #mayRefuse(call: string, path: string): void {
    if (this.refused?.[0] === call && path.endsWith(this.refused[1]))
      throw Object.assign(new Error(`EIO: ${call} '${path}'`), { code: 'EIO' });
  }

  override open(path: string, mode: 'read' | 'write' | 'create'): LayerFile {
    const file = super.open(path, mode);
    return {
      path,
      size: () => file.size(),
      write: (buffers, position) => file.write(buffers, position),
      read: (into, position) => file.read(into, position),
      truncate: (sizeBytes) => {
        this.#mayRefuse('truncate', path);
        file.truncate(sizeBytes);
      },
      datasync: async () => this.#mayRefuse('datasync', path),
      close: () => file.close(),
    };
  }

  override remove(path: string): void {
    this.#mayRefuse('remove', path);
    super.remove(path);
  }
}

describe('a cut that the device refuses', () => {
  it.each([
    ['remove', '.index'],
    ['remove', '.log'],
    ['truncate', '.log'],
    ['datasync', '.log'],
    ['datasync', '.checkpoint'],
  ])(
    'is not begun, or done once the log has healed, and until then nothing is taken: %s of %s',
    async (call, ending) => {
      const files = new RefusingFiles();
      const log = await Log.open(dir, { files, segmentBytes: 200 });
      for (let i = 0; i < 9; i++) log.appendMany(batchBytes([`body ${i} ${'x'.repeat(30)}`]));
      await log.flush();
      const before = contents(log);
      expect(log.segmentCount).toBeGreaterThan(3);
      files.refused = [call, ending];
      await expect(log.truncateTo(2)).rejects.toMatchObject({ code: 'LOG_FAILED' });
      // All of it or nothing, for whoever reads; and nothing is written over what the device may still have.
      expect([before, before.slice(0, 2)]).toContainEqual(contents(log));
      expect(contents(log)).toHaveLength(log.endOffset);
      expect(logFaultOf(errorOf(() => log.appendMany(batchBytes(['too early']))))).toBe('failed');
      files.refused = null;
      await expect.poll(() => log.failure, { timeout: 20_000 }).toBe(null);
      const wasBegun = ending !== '.checkpoint';
      expect(log.endOffset).toBe(wasBegun ? 2 : 9);
      await log.truncateTo(2);
      expect([log.endOffset, contents(log)]).toEqual([2, before.slice(0, 2)]);
      log.appendMany(batchBytes(['after']));
      await log.close();
      const again = await Log.open(dir, { files });
      expect(contents(again)).toEqual([...before.slice(0, 2), '2:after']);
      await again.close();
    },
  );
});

describe('records that a device lost before a sync', () => {
  /** A log of one durable batch and one that the device loses. */
  async function logThatLost(files: FaultyFiles): Promise<Log> {
    const log = await Log.open(dir, { files: files.life() });
    log.appendMany(batchBytes(['durable']));
    await log.flush();
    log.appendMany(batchBytes(['lost', 'lost, too']));
    Object.assign(files.faults, { failSync: true, dropPages: true });
    await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    Object.assign(files.faults, { failSync: false, dropPages: false });
    return log;
  }

  it('leave their offsets: they are not given again, and a reader steps over them', async () => {
    const files = new FaultyFiles(1);
    const log = await logThatLost(files);
    const cuts: number[] = [];
    log.onCut((offset) => cuts.push(offset));
    await expect.poll(() => log.failure, { timeout: 20_000 }).toBe(null);
    expect([cuts, log.endOffset, log.durableEndOffset]).toEqual([[1], 3, 3]);
    expect(log.read(1, 1000)).not.toHaveLength(0); // an empty batch: who reads to the end gets there
    expect(log.appendMany(batchBytes(['next'])).baseOffset).toBe(3);
    await log.flush();
    files.crash();
    const again = await Log.open(dir, { files: files.life() });
    expect(contents(again)).toEqual(['0:durable', '3:next']);
    expect(again.offsetForTimestamp(1000)).toEqual({ offset: 0, timestamp: 1000 });
    expect(again.offsetOfMaxTimestamp()).toEqual({ offset: 0, timestamp: 1000 });
  });

  it('leave their offsets also where the process is killed before the log has healed', async () => {
    const files = new FaultyFiles(1);
    await logThatLost(files);
    files.kill();
    const log = await Log.open(dir, { files: files.life() });
    expect([contents(log), log.endOffset]).toEqual([['0:durable'], 3]);
    expect(log.appendMany(batchBytes(['next'])).baseOffset).toBe(3);
    await log.close();
    const again = await Log.open(dir, { files: files.life() });
    expect(contents(again)).toEqual(['0:durable', '3:next']);
  });
});

describe('a log that heals', () => {
  /** Where in a batch a byte is changed: length, magic, checksum, a record. */
  const bytesOfBatch = [11, 16, 17, 70];

  /** The batches of a log that can be read, by offset; what is damaged is repaired as a reader has it done. */
  async function readRepairing(log: Log): Promise<string[]> {
    for (let repairs = 0; ; repairs++) {
      try {
        return contents(log);
      } catch (error) {
        expect((error as { code?: string }).code).toMatch(/_CORRUPT$/);
        expect(repairs).toBeLessThan(10);
        for (let offset = log.startOffset; offset < log.endOffset; offset++) await log.repair(offset);
      }
    }
  }

  it.each(Array.from({ length: 24 }, (_, i) => i + 1))(
    'looks at nothing that the device had before: drawn damage %i',
    async (seed) => {
      const random = randomFrom(seed);
      const draw = (below: number) => Math.floor(random() * below);
      const faulty = new FaultyFiles(seed);
      const files = new HookedFiles({}, faulty.life());
      const log = await Log.open(dir, { files, indexIntervalBytes: 150 });
      const batches: { path: string; at: number; offset: number }[] = [];
      const append = () => {
        const path = `${dir}/${String(log.activeBaseOffset).padStart(20, '0')}.log`;
        batches.push({ path, at: files.size(path)!, offset: log.endOffset });
        log.appendMany(batchBytes([`body ${log.endOffset} ${'x'.repeat(draw(120))}`], 1000 + draw(50)));
      };
      for (let i = draw(4); i >= 0; i--) append();
      log.roll();
      for (let i = 1 + draw(5); i >= 0; i--) append();
      // The bytes reach the device and the name does not; what is appended meanwhile is not even on its way.
      const durable = log.endOffset;
      const tail = 1 + draw(3);
      files.hooks.syncDir = async () => {
        delete files.hooks.syncDir;
        for (let i = 0; i < tail; i++) append();
        throw Object.assign(new Error('EIO: fsync'), { code: 'EIO' });
      };
      await expect(log.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
      const damage = (i: number) => {
        const { path, at } = batches[i]!;
        const position = at + bytesOfBatch[draw(bytesOfBatch.length)]!;
        const byte = Buffer.alloc(1);
        files.open(path, 'read').read(byte, position);
        faulty.damage(path, position, Buffer.from([byte[0]! ^ (1 + draw(255))]));
      };
      const kept = draw(tail);
      damage(durable + kept);
      const damaged = draw(durable);
      damage(damaged);
      const lost: number[] = [];
      log.onCut((offset) => lost.push(offset));
      await expect.poll(() => log.failure, { timeout: 20_000 }).toBe(null);
      expect([lost, log.endOffset]).toEqual([[durable + kept], durable + tail]);
      const found = (await readRepairing(log)).map((line) => Number(line.split(':')[0]));
      const wanted = Array.from({ length: durable + kept }, (_, offset) => offset);
      expect(found).toEqual(wanted.filter((offset) => offset !== damaged));
      expect(log.appendMany(batchBytes(['next'])).baseOffset).toBe(durable + tail);
      await log.close();
    },
  );

  it('needs no segment for the timestamp of what it lost', async () => {
    const files = new FaultyFiles(1);
    const log = await Log.open(dir, { files: files.life() });
    log.appendMany(batchBytes(['damaged later']));
    log.roll();
    log.appendMany(batchBytes(['without a timestamp'], -1));
    await log.close();
    const path = `${dir}/00000000000000000000`;
    files.remove(`${path}.index`);
    files.damage(`${path}.log`, 16, Buffer.from([9]));
    const again = await Log.open(dir, { files: files.life() });
    again.roll();
    await again.flush();
    again.appendMany(batchBytes(['lost']));
    Object.assign(files.faults, { failSync: true, dropPages: true });
    await expect(again.flush()).rejects.toMatchObject({ code: 'LOG_FAILED' });
    Object.assign(files.faults, { failSync: false, dropPages: false });
    await expect.poll(() => again.failure, { timeout: 20_000 }).toBe(null);
    expect(again.appendMany(batchBytes(['next'])).baseOffset).toBe(3);
    await again.close();
  });
});

describe('a start after a kill', () => {
  it.each([
    ['writes what no sync had covered once more: its sync may have failed unnoted', true],
    ['writes nothing anew where nothing was promised of the device', false],
  ])('%s', async (_what, durable) => {
    const memory = new MemoryFiles();
    const log = await Log.open(dir, { files: memory });
    for (let i = 0; i < 20; i++) log.appendMany(batchBytes([`body ${i}`])); // never flushed: the process is killed
    const written: string[] = [];
    const files = new HookedFiles({ write: (path) => written.push(path) }, memory);
    const again = await Log.open(dir, { files, durable });
    expect(contents(again)).toHaveLength(20);
    expect(written.filter((path) => path.endsWith('.log'))).toHaveLength(durable ? 1 : 0);
    await again.close();
  });
});
