import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { javaTimeZone } from '../../java/time-zone.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { BucketPath, type BucketPathOptions, roundDown } from './bucket-path.ts';
import { bucketFault } from './file-names.ts';

const naming = { inUsePrefix: '', inUseSuffix: '.tmp', suffix: '' };

function pathOf(folder: string, options: Partial<BucketPathOptions> = {}): BucketPath {
  return new BucketPath({
    folder,
    prefix: 'FlumeData',
    zone: javaTimeZone('GMT')!,
    rounding: null,
    useLocalTime: false,
    faultOf: (bucket) => bucketFault(naming, bucket),
    ...options,
  });
}

/** Where events with these headers go: the folder, or `! ` and the fault. */
function folders(path: BucketPath, ...events: Record<string, string>[]): string[] {
  const builder = new BatchBuilder();
  for (const headers of events) builder.add(Buffer.from('x'), new Map(Object.entries(headers)));
  return [...path.runs(builder.build())].flatMap(({ from, to, place }) =>
    Array(to - from).fill('fault' in place ? `! ${place.fault}` : place.folder),
  );
}

/** 2012-10-19 03:07:05.123 in Prague, a Friday. */
const timestamp = '1350608825123';

describe('escapes', () => {
  it.each([
    ['%a %A %b %B', 'Fri Friday Oct October'],
    ['%c', 'Fri Oct 19 03:07:05 2012'],
    ['%d %e %D', '19 19 10', '19', '12'],
    ['%H %I %k %l %p', '03 03 3 3 AM'],
    ['%j %m %n %M %S', '293 10 10 07 05'],
    ['%s %t', '1350608825 1350608825123'],
    ['%y %Y %z', '12 2012 +0200'],
    ['%% %q %_ %Z', '% '],
    ['100% -%', '100% -%'],
    ['%{host}-%{no.such}-%{a-b.c}', 'web--x'],
    ['%{not a name} %[', '%{not a name} %['],
  ])('%s', (escapes, ...parts) => {
    const path = pathOf(escapes, { zone: javaTimeZone('Europe/Prague')! });
    const expected = parts.join('/').trimEnd();
    expect(folders(path, { timestamp, host: 'web', 'a-b.c': 'x' }).map((text) => text.trimEnd())).toEqual([
      expected,
    ]);
  });

  it('knows this machine', () => {
    expect(folders(pathOf('%[localhost]/%[LOCALHOST]'), {})).toEqual([`${hostname()}/${hostname()}`]);
  });

  it.each([
    ['CST', '2012/10/18 20 -0500'],
    ['GMT+5:30', '2012/10/19 06 +0530'],
    ['GMT-8', '2012/10/18 17 -0800'],
    ['EST', '2012/10/18 20 -0500'],
    ['Asia/Tokyo', '2012/10/19 10 +0900'],
  ])('in the time zone %s', (zone, expected) => {
    expect(folders(pathOf('%Y/%m/%d %H %z', { zone: javaTimeZone(zone)! }), { timestamp })).toEqual([
      expected,
    ]);
  });

  it.each(['Nowhere/Land', 'europe/prague', 'GMT+24', 'utc', '+02:00'])('Java knows no zone %s', (zone) => {
    expect(javaTimeZone(zone)).toBeUndefined();
  });

  it('follow the clock change in spring and in autumn', () => {
    const path = pathOf('%H%M%z', { zone: javaTimeZone('Europe/Prague')! });
    const at = (iso: string) => ({ timestamp: String(Date.parse(iso)) });
    expect(
      folders(
        path,
        at('2026-03-29T00:59:59Z'),
        at('2026-03-29T01:00:00Z'),
        at('2026-10-25T00:59:59Z'),
        at('2026-10-25T01:00:00Z'),
      ),
    ).toEqual(['0159+0100', '0300+0200', '0259+0200', '0200+0100']);
  });

  it('take the time of this machine when they are told to', () => {
    const path = pathOf('%s/%t', { useLocalTime: true, now: () => 5123 });
    expect(folders(path, { timestamp })).toEqual(['5/5123']);
  });
});

describe('rounding', () => {
  it.each([
    ['second', 20, '2012-10-19T01:07:00Z'],
    ['minute', 10, '2012-10-19T01:00:00Z'],
    ['hour', 6, '2012-10-18T22:00:00Z'],
    ['hour', 24, '2012-10-18T22:00:00Z'],
  ] as const)('%s %i in Prague', (unit, value, expected) => {
    expect(roundDown(Number(timestamp), { unit, value }, javaTimeZone('Europe/Prague')!)).toBe(
      Date.parse(expected),
    );
  });

  it('floors to what the clock showed before it was put forward', () => {
    const zone = javaTimeZone('Europe/Prague')!;
    const noon = Date.parse('2026-03-29T10:00:00Z'); // 12:00, summer time since 2:00
    expect(roundDown(noon, { unit: 'hour', value: 24 }, zone)).toBe(Date.parse('2026-03-28T23:00:00Z'));
  });

  it('shows in all escapes but %t', () => {
    const path = pathOf('%H%M %s %t', { rounding: { unit: 'hour', value: 2 } });
    expect(folders(path, { timestamp })).toEqual(['0000 1350604800 1350608825123']);
  });
});

describe('an event that can have no place', () => {
  it.each([
    [{}, '! Expected timestamp in the Flume event headers, but it was null'],
    [
      { timestamp: 'now' },
      "! Flume wasn't able to parse timestamp header in the event to resolve time based bucketing",
    ],
    [
      { timestamp: '99999999999999999' },
      "! Flume wasn't able to parse timestamp header in the event to resolve time based bucketing",
    ],
    [{ timestamp, h: '..' }, "! no file can be named after it: it has a part '..'"],
    [{ timestamp, h: 'a/../../../etc' }, "! no file can be named after it: it has a part '..'"],
    [{ timestamp, h: 'a\0b' }, '! no file can be named after it: it has a control character'],
    [{ timestamp, h: 'a\nb' }, '! no file can be named after it: it has a control character'],
    [
      { timestamp, h: 'é'.repeat(128) },
      '! no file can be named after it: a part of it has more than 255 bytes',
    ],
    [{ timestamp, h: '/etc/' }, 'etc/12'],
    [{ timestamp, h: './a//b/.' }, 'a/b/12'],
  ])('%o', (headers, expected) => {
    expect(folders(pathOf('%{h}/%y'), headers)).toEqual([expected]);
  });

  it('is one whose file would have too long a name', () => {
    const path = pathOf('', { prefix: '%{h}' });
    const [longest, tooLong] = folders(path, { h: 'x'.repeat(234) }, { h: 'x'.repeat(235) });
    expect(longest).toBe('');
    expect(tooLong).toMatch(/255 bytes/);
  });
});

describe('runs', () => {
  it('join neighbours of one bucket', () => {
    const builder = new BatchBuilder();
    for (const h of ['a', 'a', 'b', 'a']) builder.add(Buffer.from('x'), new Map([['h', h]]));
    const runs = [...pathOf('%{h}').runs(builder.build())];
    expect(runs.map(({ from, to, place }) => [from, to, 'key' in place && place.key])).toEqual([
      [0, 2, 'a/FlumeData'],
      [2, 3, 'b/FlumeData'],
      [3, 4, 'a/FlumeData'],
    ]);
  });

  it('are one where all events share what is asked for', () => {
    const builder = new BatchBuilder();
    for (let i = 0; i < 5; i++) builder.add(Buffer.from('x'));
    expect([...pathOf('%{h}').runs(builder.build(new Map([['h', 'v']])))]).toHaveLength(1);
  });

  it('tell times apart within a second where %t is asked for', () => {
    expect(folders(pathOf('%t'), { timestamp: '1000' }, { timestamp: '1001' })).toEqual(['1000', '1001']);
  });
});
