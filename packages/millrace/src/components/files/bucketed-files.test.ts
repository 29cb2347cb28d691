import { describe, expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { MemoryStore } from '../../../../testkit/src/files/memory-store.ts';
import { HookedFiles } from '../../../../testkit/src/files/slow-files.ts';
import type { FileStore } from '../../clients/file-store/file-store.ts';
import { LocalStore } from '../../clients/file-store/local-store.ts';
import { deliveryOf } from '../../component/delivery.ts';
import { batchOf, numbered } from '../../component/testing/test-api.ts';
import { machineZone } from '../../java/time-zone.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { textSerializer } from '../text/text-serializer.ts';
import { BucketPath } from './bucket-path.ts';
import { BucketedFiles } from './bucketed-files.ts';
import { plainFormat } from './file-format.ts';
import { bucketFault, type FileNaming } from './file-names.ts';
import { LeftFiles } from './left-files.ts';
import type { WriteMode } from './rolling-file.ts';

const never = new AbortController().signal;
const errno = (code: string) => Object.assign(new Error(`${code}: drawn`), { code });
const naming: FileNaming = { inUsePrefix: '', inUseSuffix: '.tmp', suffix: '' };
const context = { options: { appendNewline: true } } as unknown as Parameters<
  typeof textSerializer.create
>[0];

function filesOver(store: FileStore, mode: WriteMode, rollEvents: number) {
  const left = new LeftFiles({
    ...{ store, note: null, tries: 1, retryMs: 1000, label: 'sink k1' },
    report: () => {},
  });
  return new BucketedFiles({
    ...{ store, left, naming, mode, maxOpenFiles: 100 },
    format: plainFormat(() => textSerializer.create(context)),
    path: new BucketPath({
      ...{ folder: '', prefix: 'f%{h}', zone: machineZone, rounding: null, useLocalTime: false },
      faultOf: (bucket) => bucketFault(naming, bucket),
    }),
    rules: { intervalMs: 0, events: rollEvents, bodyBytes: 0, idleMs: 0 },
    now: () => 0,
    ...{ onOpened: () => {}, onOpenFailed: () => {}, onFinished: () => {} },
  });
}

/** The core over a disk in memory that fails by `hooks`. */
function make(mode: WriteMode, rollEvents = 0) {
  const hooks: HookedFiles['hooks'] = {};
  const disk = new FaultyFiles(1);
  const files = filesOver(new LocalStore('/d', new HookedFiles(hooks, disk)), mode, rollEvents);
  const deliver = (...bodies: string[]) => files.deliver(deliveryOf([batchOf(...bodies)]), never);
  const texts = () =>
    Object.fromEntries(
      disk.list('/d').map((name) => {
        const bytes = Buffer.alloc(disk.size(`/d/${name}`)!);
        disk.open(`/d/${name}`, 'read').read(bytes, 0);
        return [name, bytes.toString()];
      }),
    );
  return { files, deliver, texts, hooks, disk };
}

describe('append: a file that fails', () => {
  it.each(['write', 'datasync'] as const)(
    'at %s is cut back to what is acknowledged of it, and a retry writes no doubles',
    async (call) => {
      const { files, deliver, texts, hooks } = make('append');
      expect(await deliver('a', 'b')).toMatchObject({ pending: [] });
      hooks[call] = () => {
        delete hooks[call];
        throw errno('EIO');
      };
      expect(await deliver('c', 'd')).toMatchObject({ pending: [0, 1], error: { code: 'DELIVERY_FAILED' } });
      expect(texts()).toEqual({ 'f.1': 'a\nb\n' });
      expect(await deliver('c', 'd')).toMatchObject({ pending: [] });
      await files.closeAll();
      expect(Object.values(texts())).toEqual(['a\nb\n', 'c\nd\n']);
    },
  );

  it('is gone when nothing of it is acknowledged', async () => {
    const { deliver, texts, hooks } = make('append');
    hooks.datasync = () => {
      throw errno('EIO');
    };
    expect(await deliver('a')).toMatchObject({ pending: [0] });
    await new Promise(setImmediate);
    expect(texts()).toEqual({});
  });

  it('in the middle of a delivery leaves what is behind it pending, in order, and other buckets alone', async () => {
    const { files, hooks, texts } = make('append');
    const builder = new BatchBuilder();
    for (const [h, body] of ['1a', '2a', '1b', '2b', '1c'].map((text) => [text[0]!, text] as const))
      builder.add(Buffer.from(body), new Map([['h', h]]));
    let writes = 0;
    hooks.write = (path) => {
      if (path.includes('f1') && ++writes === 2) throw errno('ENOSPC');
    };
    const outcome = await files.deliver(deliveryOf([builder.build()]), never);
    expect(outcome).toMatchObject({ pending: [0, 2, 4], error: { code: 'DISK_FULL' } });
    await files.closeAll();
    await new Promise(setImmediate);
    expect(texts()).toEqual({ 'f2.1': '2a\n2b\n' });
  });

  it('while it is rolled: what it had is acknowledged or pending by what the device has', async () => {
    const { deliver, texts, hooks, files } = make('append', 2);
    expect(await deliver('a')).toMatchObject({ pending: [] });
    let syncs = 0;
    hooks.datasync = async () => {
      if (++syncs === 1) throw errno('EIO');
    };
    // b fills the file; it is closed for c, and that fails.
    expect(await deliver('b', 'c')).toMatchObject({ pending: [0] });
    await files.closeAll();
    expect(texts()).toEqual({ 'f.1': 'a\n', 'f.2': 'c\n' });
  });
});

describe('stream: a file that fails', () => {
  it.each(['write', 'datasync', 'rename'] as const)(
    'at %s leaves nothing behind, and all its deliveries are pending',
    async (call) => {
      const { files, deliver, texts, hooks } = make('stream');
      const first = deliver('a');
      await new Promise(setImmediate);
      hooks[call] = () => {
        delete hooks[call];
        throw errno('EIO');
      };
      const second = deliver('b');
      await files.closeAll();
      expect([await first, await second]).toMatchObject([{ pending: [0] }, { pending: [0] }]);
      await new Promise(setImmediate);
      expect(Object.keys(texts()).filter((name) => name !== 'f.2')).toEqual([]);
    },
  );

  it('ends a delivery whose time is over', async () => {
    const { files, texts } = make('stream');
    const ending = new AbortController();
    const delivering = files.deliver(deliveryOf([batchOf('a')]), ending.signal);
    await new Promise(setImmediate);
    ending.abort();
    expect(await delivering).toMatchObject({ pending: [0] });
    await files.closeAll();
    expect(texts()).toEqual({ 'f.1': 'a\n' });
  });
});

describe('a power cut', () => {
  it.each(['append', 'stream'] as const)('%s: takes nothing that is acknowledged', async (mode) => {
    let total = 0;
    for (let deliveries = 1; deliveries <= 30; deliveries++) {
      const { files, disk, texts } = make(mode, 5);
      const acknowledged: string[] = [];
      for (let i = 0; i < deliveries; i++) {
        const bodies = numbered(`${i}-`, 3);
        const delivering = files.deliver(deliveryOf([batchOf(...bodies)]), never).then(({ pending = [] }) => {
          if (pending.length === 0) acknowledged.push(...bodies);
        });
        if (mode === 'append') await delivering;
        else await new Promise(setImmediate);
      }
      disk.crash();
      const has = new Set(Object.values(texts()).flatMap((text) => text.split('\n')));
      expect(acknowledged.filter((body) => !has.has(body))).toEqual([]);
      total += acknowledged.length;
    }
    expect(total).toBeGreaterThan(100);
  });
});

it('stream: few objects go up at once, however small they are and however much is under way', async () => {
  const objects = new Map<string, Buffer>();
  const store = new MemoryStore('objects', objects, () => 'works');
  const create = store.create.bind(store);
  let ending = 0;
  let most = 0;
  store.create = async (name) => {
    const file = await create(name);
    const close = file.close.bind(file);
    file.close = async () => {
      most = Math.max(most, ++ending);
      for (let turns = 0; turns < 500; turns++) await new Promise(setImmediate);
      await close();
      ending--;
    };
    return file;
  };
  const files = filesOver(store, 'stream', 1);
  const outcomes = Array.from({ length: 10 }, (_, n) =>
    files.deliver(deliveryOf([batchOf(...Array.from({ length: 30 }, (_, i) => `${n} ${i}`))]), never),
  );
  await files.closeAll();
  for (const outcome of await Promise.all(outcomes)) expect(outcome.pending ?? []).toEqual([]);
  expect(objects.size).toBe(300);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(33);
});
