import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { type FileLayer, readFully } from '../../runtime/files.ts';
import { RefusedFile, refusedPath } from './refused-file.ts';

const path = '/data/refused/a1-sink-k1.jsonl';

function refusedFile(files: FileLayer, options: { rollBytes?: number; spareBytes?: number } = {}) {
  const log = recordingLogger();
  const who = { agent: 'a1', kind: 'sink', name: 'k1', path, log, files, spareBytes: 0 };
  return { log, file: new RefusedFile({ ...who, ...options, now: () => 1_700_000_000_000 }) };
}

function textOf(files: FileLayer, at = path): string {
  const size = files.size(at);
  if (size === null) return '';
  const file = files.open(at, 'read');
  const bytes = Buffer.alloc(size);
  readFully(file, bytes, 0);
  file.close();
  return bytes.toString();
}

const linesOf = (files: FileLayer, at = path): Record<string, unknown>[] =>
  textOf(files, at)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function batchOf(bodies: readonly (string | Buffer)[], key?: string): EventBatch {
  const builder = new BatchBuilder();
  for (const body of bodies) builder.add(Buffer.from(body), [['h', '1']], key && Buffer.from(key), 5000);
  return builder.build(new Map([['shared', 's']]));
}

const refuse = (batch: EventBatch, index: number) => ({ batch, index, reason: 'too big', stage: 'deliver' });

describe('a file of refused events', () => {
  it('has what, from where and why, and gives every byte back', async () => {
    const files = new FaultyFiles(1, {}).life();
    const { file } = refusedFile(files);
    const positions = { source: 'r1', place: '/var/log/app.log', positionOf: (delta: number) => 100 * delta };
    const batch = batchOf(['a "quoted"\nline', Buffer.from([0xff, 0x00])], 'k').withProvenance(positions);
    await file.setAside([refuse(batch, 0), refuse(batch.slice(1, 2), 0)]);
    await file.setAsideBytes([
      { bytes: Buffer.from([0xc0]), reason: 'no datum', stage: 'decode', place: 't-0', position: 7 },
    ]);
    const all = { time: '2023-11-14T22:13:20.000Z', agent: 'a1', sink: 'k1' };
    const event = { ...all, stage: 'deliver', reason: 'too big', source: 'r1', place: '/var/log/app.log' };
    const rest = { timestamp: 5000, headers: { shared: 's', h: '1' }, key: 'k' };
    expect(linesOf(files)).toEqual([
      { ...event, position: 0, ...rest, body: 'a "quoted"\nline' },
      { ...event, position: 100, ...rest, bodyBase64: '/wA=' },
      { ...all, stage: 'decode', reason: 'no datum', place: 't-0', position: 7, bytesBase64: 'wA==' },
    ]);
    expect(file.count).toBe(3);
  });

  it('has after any crash whole lines only, each acknowledged event among them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        async (seed, groups, shortWrites) => {
          const disk = new FaultyFiles(seed, { shortWrites });
          const acknowledged: string[] = [];
          for (const bodies of groups) {
            const { file } = refusedFile(disk.life());
            const batch = batchOf(bodies);
            await file.setAside(bodies.map((_, i) => refuse(batch, i)));
            acknowledged.push(...bodies);
            const cut = file.setAside([refuse(batchOf(['cut short']), 0)]);
            disk.crash();
            await cut.catch(() => {});
          }
          const { file } = refusedFile(disk.life());
          await file.setAside([refuse(batchOf(['last']), 0)]);
          const bodies = textOf(disk.life())
            .split('\n')
            .flatMap((line) => {
              try {
                return [(JSON.parse(line) as { body: string }).body];
              } catch {
                return [];
              }
            });
          expect(bodies.filter((body) => body !== 'cut short')).toEqual([...acknowledged, 'last']);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('rejects while the disk is full, leaves no part behind, and goes on when there is room', async () => {
    const faults = { diskBytes: 600, shortWrites: true };
    const disk = new FaultyFiles(3, faults);
    const files = disk.life();
    const { file } = refusedFile(files);
    await file.setAside([refuse(batchOf(['fits']), 0)]);
    const big = batchOf(['x'.repeat(1000)]);
    await expect(file.setAside([refuse(big, 0)])).rejects.toThrow(
      /sink k1: refused events can't be set aside in .*jsonl/,
    );
    expect(linesOf(files).map(({ body }) => body)).toEqual(['fits']);
    faults.diskBytes = 10_000;
    await file.setAside([refuse(big, 0)]);
    expect(linesOf(files)).toHaveLength(2);
    expect(file.count).toBe(2);
  });

  it('leaves the device room for others', async () => {
    const files = new FaultyFiles(1, { diskBytes: 2000 }).life();
    const { file } = refusedFile(files, { spareBytes: 1900 });
    await expect(file.setAside([refuse(batchOf(['a']), 0)])).rejects.toMatchObject({ code: 'DISK_FULL' });
  });

  it('begins a new file when one is large, and removes none', async () => {
    const files = new FaultyFiles(1, {}).life();
    const { file } = refusedFile(files, { rollBytes: 400 });
    for (let i = 0; i < 5; i++) await file.setAside([refuse(batchOf([`b${i}${'x'.repeat(200)}`]), 0)]);
    const names = files.list('/data/refused');
    expect(names.length).toBeGreaterThan(1);
    const bodies = names.flatMap((name) =>
      linesOf(files, `/data/refused/${name}`).map(({ body }) => String(body)),
    );
    expect(bodies.map((body) => body.slice(0, 2)).sort()).toEqual(['b0', 'b1', 'b2', 'b3', 'b4']);
  });

  it('is told at once, and the rest in sum', async () => {
    const { file, log } = refusedFile(new FaultyFiles(1, {}).life());
    const batch = batchOf(['a', 'b', 'c']);
    await file.setAside([refuse(batch, 0)]);
    for (let i = 0; i < 50; i++) await file.setAside([refuse(batch, 1), refuse(batch, 2)]);
    await file.close();
    expect(log.lines).toEqual([
      `warn 1 event was refused for good and set aside in ${path}: too big`,
      `warn 100 events were refused for good and set aside in ${path}`,
    ]);
  });
});

describe('the path of refused events', () => {
  it('is what was chosen, else beside the channel, else in the home folder; names stay one name', () => {
    const who = { agent: 'a1', kind: 'sink', name: 'k1' };
    expect(refusedPath(who, '/x/y', '/fc', '/home/u')).toBe('/x/y');
    expect(refusedPath(who, undefined, '/fc', '/home/u')).toBe('/fc/refused/a1-sink-k1.jsonl');
    expect(refusedPath(who, undefined, undefined, '/home/u')).toBe('/home/u/.flume/refused/a1-sink-k1.jsonl');
    const evil = refusedPath({ ...who, agent: '..', name: '../../etc/x' }, undefined, undefined, '/h');
    expect(evil).toBe('/h/.flume/refused/..-sink-..%2F..%2Fetc%2Fx.jsonl');
  });
});
