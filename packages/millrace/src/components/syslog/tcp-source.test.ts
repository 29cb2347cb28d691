import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { MillraceError } from '../../runtime/errors.ts';
import { syslogTcpSource } from './tcp-source.ts';

interface Seen {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const open: { stop(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const each of open.splice(0)) await each.stop();
});

/** A source on a free port, and the events that came through. */
async function listening(properties: Record<string, string | number | boolean> = {}, puts = new TestPuts()) {
  const seen: Seen[] = [];
  const context = contextFor(syslogTcpSource, { host: '127.0.0.1', port: 0, ...properties });
  const source = syslogTcpSource.create({
    ...context,
    channels: {
      put: async (batch: EventBatch, options) => {
        await puts.put(batch, options);
        for (let i = 0; i < batch.count; i++) {
          const event = batch.event(i);
          seen.push({ headers: Object.fromEntries(event.headers()), body: event.body.toString('latin1') });
        }
      },
    },
  });
  await source.start();
  open.push({ stop: () => source.stop({ deadline: Deadline.in(0) }) });
  const port = Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]);
  return { source, port, seen, puts, context, lines: context.log.lines };
}

async function peer(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

/** The events that come of what one peer sends. */
async function eventsOf(text: string | Buffer, properties: Record<string, string | number> = {}, count = 1) {
  const { port, seen } = await listening(properties);
  (await peer(port)).end(text);
  await waitFor('the events', () => seen.length >= count);
  return seen;
}

const local = (...parts: [number, number, number, number, number, number]): string =>
  String(new Date(...parts).getTime());

describe('C6: messages as Flume 1.11 reads them', () => {
  const year = new Date().getUTCFullYear();
  const month = new Date().getMonth();
  const name = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][month];
  const invalid = { Facility: '0', Severity: '0', 'flume.syslog.status': 'Invalid' };
  const cases: [input: string, headers: Record<string, string>, body: string][] = [
    [
      '<34>1 2026-11-22T10:11:12.123Z host1 app 123 ID47 - hello',
      {
        host: 'host1',
        Severity: '2',
        Facility: '4',
        priority: '34',
        version: '1',
        timestamp: '1795342272123',
      },
      'app 123 ID47 - hello',
    ],
    [
      `<13>${name}  2 10:11:12 host4 single digit day`,
      {
        host: 'host4',
        Severity: '5',
        Facility: '1',
        priority: '13',
        timestamp: local(year, month, 2, 10, 11, 12),
      },
      'single digit day',
    ],
    ['no priority here', invalid, 'no priority here'],
    [
      '<14>1 2026-11-22T10:11:12+02:00 - app - - - x',
      { Severity: '6', Facility: '1', priority: '14', version: '1', timestamp: '1795335072000' },
      'app - - - x',
    ],
    ['<15>- - y', { Severity: '7', Facility: '1', priority: '15' }, 'y'],
    ['<16>plain text', { Severity: '0', Facility: '2' }, '<16>plain text'],
    [
      '<34>2026-11-22T10:11:12Z host3 nover',
      { host: 'host3', Severity: '2', Facility: '4', priority: '34', timestamp: '1795342272000' },
      'nover',
    ],
    ['<1234>bad', invalid, '<1234>bad'],
    ['<>empty', invalid, '<>empty'],
    [
      '<34>1 2026-11-22T10:11:12.123Z host1 app - hello\r',
      { Severity: '2', Facility: '4' },
      '<34>1 2026-11-22T10:11:12.123Z host1 app - hello\r',
    ],
    ['<34>- - \xff\xfe', { Severity: '2', Facility: '4', priority: '34' }, '\xff\xfe'],
  ];
  for (const [input, headers, body] of cases) {
    it(JSON.stringify(input), async () => {
      const text = Buffer.from(`\n${input}\n\n`, 'latin1');
      expect(await eventsOf(text)).toEqual([{ headers, body }]);
    });
  }

  it('one after the other on a connection, none with what the one before has said', async () => {
    const seen = await eventsOf('<13>1 - - a\n<16>b\nc\n', {}, 3);
    expect(seen.map(({ headers }) => headers)).toEqual([
      { Facility: '1', Severity: '5', priority: '13', version: '1' },
      { Facility: '2', Severity: '0' },
      invalid,
    ]);
  });

  it('keepFields', async () => {
    const line = '<34>1 2026-11-22T10:11:12.123Z host1 app 123 - hello';
    const bodyWith = async (keepFields: string, text = line) =>
      (await eventsOf(`${text}\n`, { keepFields })).map(({ body }) => body);
    expect(await bodyWith('all')).toEqual([line]);
    expect(await bodyWith('timestamp')).toEqual(['2026-11-22T10:11:12.123Z app 123 - hello']);
    expect(await bodyWith('priority timestamp hostname version')).toEqual([line]);
    expect(await bodyWith('FALSE')).toEqual(['app 123 - hello']);
    expect(await bodyWith('priority timestamp hostname version', '<15>- - y')).toEqual(['<15>- - y']);
  });

  it('eventSize cuts, and the rest is an event of its own', async () => {
    const line = `<13>1 2026-11-22T10:11:12Z host2 ${'x'.repeat(70)}`;
    const seen = await eventsOf(`${line}\n<14>- - next\n`, { eventSize: 60 }, 3);
    expect(seen.map(({ headers }) => headers['flume.syslog.status'])).toEqual([
      'Incomplete',
      'Invalid',
      undefined,
    ]);
    expect(seen.map(({ body }) => body)).toEqual([line.slice(33, 60), line.slice(60), 'next']);
  });

  it('clientIPHeader and clientHostnameHeader, also in place of what a message says', async () => {
    const properties = { clientIPHeader: 'host', clientHostnameHeader: 'chn' };
    const [event] = await eventsOf('<13>1 - web1 a\n', properties);
    expect(event!.headers).toMatchObject({ host: '127.0.0.1', chn: 'localhost', priority: '13' });
  });
});

describe('hostile peers', () => {
  it('half messages, endless lines and bytes that are no text: the others are served', async () => {
    const { port, seen, source } = await listening({ eventSize: 100 });
    const [half, endless, binary, good] = [
      await peer(port),
      await peer(port),
      await peer(port),
      await peer(port),
    ];
    half.write('<13>1 2026-');
    endless.write(Buffer.alloc(1_000_000, 'x'));
    binary.write(Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256)));
    good.write('<13>1 - - good\n');
    await waitFor('the good one', () => seen.some(({ body }) => body === 'good'));
    await waitFor('the endless one', () => seen.filter(({ body }) => /^x+$/.test(body)).length === 10_000);
    expect(seen.every(({ body }) => body.length <= 100)).toBe(true);
    expect(source.counter?.openConnections).toBe(4);
  });

  it('a slow one is closed after requestTimeout, and told', async () => {
    const { port, lines } = await listening({ requestTimeout: 300 });
    const socket = await peer(port);
    const dripping = setInterval(() => socket.write('<'), 30);
    await once(socket, 'end');
    clearInterval(dripping);
    expect(lines.join('\n')).toContain('a request was not whole after 300 ms');
  });

  it('a full channel stops the reading: no more than a read is held for a peer', async () => {
    const puts = new TestPuts();
    const { port, seen, source } = await listening({}, puts);
    puts.holdUp();
    const socket = await peer(port);
    const line = Buffer.from('<13>1 - - x\n'.repeat(5000));
    let sent = 0;
    while (sent < 500 && socket.write(line)) sent++;
    await waitFor('a put', () => puts.open === 1);
    const received = source.counter!.eventReceived;
    expect(received).toBeLessThanOrEqual(1000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(source.counter!.eventReceived).toBe(received);
    puts.resume();
    await waitFor('all', () => seen.length === (sent + 1) * 5000);
  });
});

it('ipFilterRules keep peers out', async () => {
  const { port, lines, seen } = await listening({ ipFilter: true, ipFilterRules: 'deny:ip:127.*' });
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => {});
  socket.write('<13>1 - - x\n');
  await once(socket, 'close');
  expect(lines.join('\n')).toContain('ipFilterRules forbid');
  expect(seen).toEqual([]);
  const { options } = contextFor(syslogTcpSource, { port: 1 });
  const filter = { ipFilter: true, ipFilterRules: 'allow:*' };
  expect(syslogTcpSource.validate?.({ ...options, filter } as never)).toHaveLength(1);
});

it('sets aside what no channel will ever take, and goes on', async () => {
  class Choosy extends TestPuts {
    override async put(batch: EventBatch, options = {}): Promise<void> {
      for (let i = 0; i < batch.count; i++) {
        if (batch.event(i).body.toString() === 'bad')
          throw new MillraceError('TRANSACTION_TOO_BIG', 'an event is too large');
      }
      return super.put(batch, options);
    }
  }
  const { port, seen, context } = await listening({}, new Choosy());
  (await peer(port)).end('<13>1 - - a\n<13>1 - - bad\n<13>1 - - b\n');
  await waitFor('the others', () => seen.length === 2);
  expect(seen.map(({ body }) => body)).toEqual(['a', 'b']);
  expect(context.refused.bodies()).toEqual(['bad']);
});

it('tells what it could not put before the end, and text without a newline', async () => {
  const puts = new TestPuts();
  const { port, lines, source } = await listening({}, puts);
  (await peer(port)).end('<13>1 - - a\n<13>half');
  await waitFor('the half one', () => lines.join('\n').includes('8 bytes of 127.0.0.1'));
  puts.holdUp();
  (await peer(port)).write('<13>1 - - a\n<13>1 - - b\n');
  await waitFor('a put', () => puts.open === 1);
  await source.stop({ deadline: Deadline.in(20) });
  expect(lines.join('\n')).toContain('2 events of 127.0.0.1');
});

describe('octet counting (RFC 6587)', () => {
  const stamp = '<13>1 2026-11-22T10:11:12Z h app 1 - - ';
  const counted = (text: string) => `${Buffer.byteLength(text)} ${text}`;

  it('takes messages with newlines in them, and a newline that is counted in is none of them', async () => {
    const sent = ['one', 'two\nlines', 'three\n', 'größer'].map((body) => counted(stamp + body)).join('');
    const events = await eventsOf(Buffer.from(sent), { framing: 'octetCounting' }, 4);
    const bodies = events.map(({ body }) => Buffer.from(body, 'latin1').toString());
    expect(bodies).toEqual(['one', 'two\nlines', 'three', 'größer'].map((body) => `app 1 - - ${body}`));
    expect(events.every(({ headers }) => headers.host === 'h' && headers.priority === '13')).toBe(true);
  });

  it('ends a peer that does not count, after what it sent before, and says why', async () => {
    const { port, seen, lines } = await listening({ framing: 'octetCounting', maxFrameSize: 3000 });
    for (const bad of [`${stamp}x\n`, '3001 <13>', '0 <13>']) {
      const socket = await peer(port);
      socket.write(counted(`${stamp}before`) + bad);
      await once(socket, 'end');
    }
    expect(seen).toHaveLength(3);
    const told = lines.filter((line) => line.includes('is closed')).map((line) => line.split('closed: ')[1]);
    expect(told).toEqual([
      'a message does not begin with its length (octet counting, RFC 6587)',
      'a message announces 3001 bytes or more; at most 3000 are taken',
      'a message does not begin with its length (octet counting, RFC 6587)',
    ]);
  });

  it('cuts what is longer than eventSize, and tells what has no end', async () => {
    const { port, seen, lines } = await listening({ framing: 'octetCounting', eventSize: 60 });
    (await peer(port)).end(`${counted(`${stamp}${'x'.repeat(50)}`)}50 half`);
    await waitFor('the half one', () => lines.join('\n').includes('4 bytes of 127.0.0.1'));
    expect(seen.map(({ headers }) => headers['flume.syslog.status'])).toEqual(['Incomplete', 'Invalid']);
    expect(seen.map(({ body }) => body.length)).toEqual([31, 29]);
    expect(lines.join('\n')).toContain('are dropped: the end of their message has not come');
  });

  it('is told from lines by its first digit with auto, and is nothing without', async () => {
    const text = `${stamp}line\n${counted(`${stamp}counted`)}${stamp}line again\n`;
    const auto = await eventsOf(text, { framing: 'auto' }, 3);
    expect(auto.map(({ body }) => body)).toEqual(
      ['line', 'counted', 'line again'].map((body) => `app 1 - - ${body}`),
    );
    const plain = await eventsOf(`${counted(`${stamp}x`)}\n`);
    expect(plain).toMatchObject([{ headers: { 'flume.syslog.status': 'Invalid' } }]);
  });
});
