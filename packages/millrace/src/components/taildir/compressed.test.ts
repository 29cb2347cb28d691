import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dirA, lines, Tail } from '../../../../testkit/src/taildir/tail.ts';
import type { TailingOptions } from './tailing-options.ts';

const app = `${dirA}/app.log`;
const wide = [`${dirA}/app\\.log.*`];

function tail(more: Partial<TailingOptions> = {}, patterns?: readonly string[]): Tail {
  return new Tail(patterns, { readCompressed: true, ...more });
}

const packers = { '.gz': gzipSync, '.zst': zstdCompressSync };
type Suffix = keyof typeof packers;

/** As a compressor does: the new file has the time of the old one, which goes when all is written. */
function compress(t: Tail, path: string, suffix: Suffix = '.gz', to = `${path}${suffix}`): void {
  put(t, to, packers[suffix](t.world.at(path)!.content), t.world.at(path)!.mtimeMs);
  t.world.unlink(path);
}

function put(t: Tail, path: string, bytes: Buffer, mtimeMs = t.world.clockMs): void {
  const file = t.world.at(path) ?? t.world.create(path);
  t.world.truncate(file);
  t.world.append(file, bytes);
  file.mtimeMs = mtimeMs;
}

describe.each([
  ['.gz', 'a pattern matches it', wide],
  ['.gz', 'no pattern matches it', undefined],
  ['.zst', 'a pattern matches it', wide],
  ['.zst', 'no pattern matches it', undefined],
] as const)('a generation that becomes a %s, where %s', (suffix, _, patterns) => {
  it('goes on where it was, when it was compressed during a stop', async () => {
    const t = tail({}, patterns);
    await t.start();
    t.write(app, ...lines('old', 20));
    await t.rounds(2);
    expect(t.take()).toEqual(lines('old', 20));
    await t.stop();
    t.write(app, 'more', 'and more');
    t.world.rename(app, `${app}.1`);
    t.world.clockMs += 100;
    compress(t, `${app}.1`, suffix);
    t.write(app, 'new');
    await t.start();
    await t.rounds(20);
    expect(t.take().sort()).toEqual(['and more', 'more', 'new']);
    expect(t.lost).toEqual([]);
    // It is known from now on, under other names, too, and to the next process.
    t.world.rename(`${app}.1${suffix}`, `${app}.2${suffix}`);
    await t.rounds(20);
    t.kill();
    await t.start();
    await t.rounds(20);
    expect(t.bodies).toEqual([]);
  });

  it('is not read again, when it had been read to its end', async () => {
    const t = tail({}, patterns);
    await t.start();
    t.write(app, ...lines('old', 20));
    await t.rounds(2);
    t.world.rename(app, `${app}.1`);
    t.write(app, 'new');
    await t.rounds(3);
    expect(t.take()).toHaveLength(21);
    compress(t, `${app}.1`, suffix);
    await t.rounds(40);
    expect(t.bodies).toEqual([]);
    await t.stop();
    await t.start();
    await t.rounds(40);
    expect(t.bodies).toEqual([]);
    expect(t.lost).toEqual([]);
  });

  it('is not read while it is being written, beside the one that it is made of', async () => {
    const t = tail({}, patterns);
    await t.start();
    t.write(app, ...lines('old', 2000));
    await t.rounds(8);
    t.world.rename(app, `${app}.1`);
    t.write(app, 'new');
    await t.rounds(3);
    expect(t.take()).toHaveLength(2001);
    const packed = packers[suffix](t.world.at(`${app}.1`)!.content);
    for (const part of [0, 1, 5, 30, 200, packed.length >> 1, packed.length]) {
      put(t, `${app}.1${suffix}`, packed.subarray(0, part));
      await t.rounds(5);
    }
    t.world.at(`${app}.1${suffix}`)!.mtimeMs = t.world.at(`${app}.1`)!.mtimeMs;
    t.world.unlink(`${app}.1`);
    await t.rounds(40);
    expect(t.bodies).toEqual([]);
    expect(t.lost).toEqual([]);
  });

  it('goes on in the middle of it after a kill', async () => {
    const t = tail({ maxBatchCount: 1 }, patterns);
    await t.start();
    t.write(app, ...lines('old', 3));
    await t.rounds(2);
    await t.stop();
    t.write(app, ...lines('more', 200));
    t.world.rename(app, `${app}.1`);
    compress(t, `${app}.1`, suffix);
    t.write(app, 'new');
    await t.start();
    await t.rounds(8);
    const before = t.bodies.length;
    expect(before).toBeGreaterThan(10);
    expect(before).toBeLessThan(200);
    t.kill();
    await t.start();
    await t.rounds(60);
    expect(t.bodies.sort()).toEqual([...lines('old', 3), ...lines('more', 200), 'new'].sort());
  });

  it('is read from its start where nobody had seen it, between one that is known and what stands there now', async () => {
    const t = tail({}, patterns);
    await t.start();
    t.write(app, 'first');
    await t.rounds(2);
    await t.stop();
    t.world.clockMs += 1000;
    t.world.rename(app, `${app}.1`);
    t.write(app, 'unseen');
    t.world.clockMs += 1000;
    compress(t, `${app}.1`, suffix);
    t.world.rename(`${app}.1${suffix}`, `${app}.2${suffix}`);
    t.world.rename(app, `${app}.1`);
    compress(t, `${app}.1`, suffix);
    t.write(app, 'now');
    await t.start();
    await t.rounds(40);
    expect(t.bodies.sort()).toEqual(['first', 'now', 'unseen']);
  });

  it('goes on where it was after copytruncate', async () => {
    const t = tail({}, patterns);
    await t.start();
    t.write(app, ...lines('old', 20));
    await t.rounds(2);
    t.write(app, 'late');
    put(t, `${app}.1`, t.world.at(app)!.content);
    t.world.truncate(t.world.at(app)!);
    compress(t, `${app}.1`, suffix);
    t.world.clockMs += 500;
    t.write(app, 'new');
    await t.rounds(40);
    expect(t.bodies.sort()).toEqual([...lines('old', 20), 'late', 'new'].sort());
    expect(t.lost).toEqual([]);
  });
});

describe('a compressed file', () => {
  it('is read from its start, once, where a pattern matches it and nobody knows it', async () => {
    const t = tail({}, [`${dirA}/.*`]);
    put(t, `${dirA}/a.gz`, Buffer.concat([gzipSync('one\ntwo\n'), gzipSync('three\nhalf')]));
    put(t, `${dirA}/b.zst`, zstdCompressSync('four\n'));
    await t.start();
    await t.rounds(40);
    t.kill();
    await t.start();
    await t.rounds(20);
    expect(t.bodies.sort()).toEqual(['four', 'half', 'one', 'three', 'two']);
  });

  it('of before the first start is left alone where no pattern matches it', async () => {
    const t = tail();
    put(t, `${app}.1.gz`, gzipSync('old\n'));
    t.world.clockMs += 5000;
    t.write(app, 'new');
    await t.start();
    await t.rounds(10);
    t.world.rename(`${app}.1.gz`, `${app}.2.gz`);
    t.world.rename(app, `${app}.1`);
    t.write(app, 'newer');
    await t.rounds(10);
    compress(t, `${app}.1`);
    await t.rounds(40);
    expect(t.bodies).toEqual(['new', 'newer']);
  });

  it('that is damaged, or ends too early, is told with its place and holds up no other', async () => {
    const t = tail({}, [`${dirA}/.*`]);
    const whole = gzipSync(lines('cut', 100).join('\n'));
    put(t, `${dirA}/cut.gz`, whole.subarray(0, whole.length - 20));
    const damaged = Buffer.concat([gzipSync('good\n'), gzipSync('never\n')]);
    damaged[gzipSync('good\n').length + 12]! ^= 0xff;
    put(t, `${dirA}/damaged.gz`, damaged);
    put(t, `${dirA}/text.gz`, Buffer.from('no gzip at all\n'));
    put(t, `${dirA}/whole.gz`, gzipSync('whole\n'));
    await t.start();
    await t.rounds(60);
    expect(t.bodies).toContain('whole');
    expect(t.bodies).toContain('good');
    expect(t.bodies).toContain('cut line 50');
    expect(t.bodies.filter((body) => !/^(cut line \d+|good|whole)$/.test(body))).toEqual([]);
    expect(t.warnings.filter((text) => text.includes('cut.gz'))).toEqual([
      expect.stringMatching(/gzip data is cut off at byte \d+ of \d+, behind byte \d+ of its content/),
    ]);
    expect(t.warnings.filter((text) => text.includes('damaged.gz'))).toHaveLength(1);
    expect(t.warnings.filter((text) => text.includes('text.gz'))).toHaveLength(1);
  });

  it('that is still being written is read as far as it is there', async () => {
    const t = tail({}, [`${dirA}/.*`]);
    const text = lines('line', 5000).join('\n');
    const packed = gzipSync(`${text}\n`);
    await t.start();
    for (const part of [10, 1000, packed.length - 9, packed.length]) {
      put(t, `${dirA}/a.gz`, packed.subarray(0, part));
      await t.rounds(5);
    }
    await t.rounds(40);
    expect(gunzipSync(packed).toString()).toBe(`${text}\n`);
    expect(t.bodies).toEqual(lines('line', 5000));
    expect(t.warnings).toEqual([]);
  });

  it('is bytes as any other where that is not asked for', async () => {
    const t = new Tail([`${dirA}/.*`]);
    put(t, `${dirA}/a.gz`, Buffer.concat([gzipSync('x'), Buffer.from('\n')]));
    await t.start();
    await t.rounds(4);
    expect(t.bodies[0]?.charCodeAt(0)).toBe(0x1f);
  });
});
