import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../../../testkit/src/net/free-port.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { contextFor } from '../../component/testing/context.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { multiportSyslogTcpSource } from './multiport-source.ts';

interface Seen {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function listening(properties: Record<string, string | number> = {}) {
  const ports = await freePorts(2);
  const seen: Seen[] = [];
  const puts: number[] = [];
  const context = contextFor(multiportSyslogTcpSource, {
    host: '127.0.0.1',
    ports: ports.join(' '),
    ...properties,
  });
  const source = multiportSyslogTcpSource.create({
    ...context,
    channels: {
      put: async (batch: EventBatch) => {
        puts.push(batch.count);
        for (const event of batch)
          seen.push({ headers: Object.fromEntries(event.headers()), body: event.body.toString('latin1') });
      },
    },
  });
  open.push(() => source.stop({ deadline: Deadline.in(0) }));
  return { source, ports, seen, puts, context };
}

async function send(port: number, bytes: string | Buffer): Promise<void> {
  const socket: Socket = connect(port, '127.0.0.1').resume();
  open.push(() => socket.destroy());
  await once(socket, 'connect');
  socket.end(bytes);
}

async function eventsOf(bytes: string | Buffer, properties = {}, count = 1): Promise<Seen[]> {
  const { source, ports, seen } = await listening(properties);
  await source.start();
  await send(ports[0]!, bytes);
  await waitFor('the events', () => seen.length >= count);
  return seen;
}

const invalid = { 'flume.syslog.status': 'Invalid' };

describe('C7: messages as Flume 1.11 reads them', () => {
  const cases: [input: string, headers: Record<string, string>, body: string][] = [
    [
      '<34>1 2026-11-22T10:11:12.123Z host1 app - hello\r',
      {
        Version: '1',
        Priority: '34',
        host: 'host1',
        Severity: '2',
        Facility: '4',
        timestamp: '1795342272123',
      },
      'app - hello\r',
    ],
    [
      '<34>2026-11-22T10:11:12.5+02:00 host3 nover',
      { Priority: '34', host: 'host3', Severity: '2', Facility: '4', timestamp: '1795335072500' },
      'nover',
    ],
    [
      '<13>Hello World, hello h body',
      { Priority: '13', host: 'lo', Severity: '5', Facility: '1', timestamp: '0' },
      'h body',
    ],
    [
      '<13>2026-11-22T10:11:12Z h ',
      { Priority: '13', host: 'h', Severity: '5', Facility: '1', timestamp: '1795342272000' },
      '<13>2026-11-22T10:11:12Z h ',
    ],
    ['no priority here', invalid, 'no priority here'],
    ['<16>plain text', invalid, '<16>plain text'],
    ['<1234>bad', invalid, '<1234>bad'],
    ['<>empty', invalid, '<>empty'],
    ['<13>', invalid, '<13>'],
    ['<13>1 2026-13-22T10:11:12Z h b', invalid, '<13>1 2026-13-22T10:11:12Z h b'],
    ['<13>2026-11-22T10:11:12.Z h b', invalid, '<13>2026-11-22T10:11:12.Z h b'],
    ['<13>2026-11-22T10:11:12+0200 h b', invalid, '<13>2026-11-22T10:11:12+0200 h b'],
    ['<13>- \xff\xfe h b', invalid, '<13>- \xff\xfe h b'],
  ];
  for (const [input, headers, body] of cases) {
    it(JSON.stringify(input), async () => {
      expect(await eventsOf(Buffer.from(`\n${input}\n\n`, 'latin1'))).toEqual([{ headers, body }]);
    });
  }

  it('a time without a year is UTC, `-` is now and no host', async () => {
    const now = new Date();
    const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
      now.getUTCMonth()
    ];
    const [dated, dashed] = await eventsOf(`<13>${month}  2 10:11:12 h a\n<13>- - b\n`, {}, 2);
    expect(dated!.headers.timestamp).toBe(
      String(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 2, 10, 11, 12)),
    );
    expect(dashed!.headers.host).toBe('-');
    expect(Number(dashed!.headers.timestamp)).toBeGreaterThanOrEqual(now.getTime());
  });

  it('keepFields, portHeader, and a message that is too long', async () => {
    const properties = { keepFields: 'priority timestamp hostname', portHeader: 'port', eventSize: 30 };
    const [kept, rest] = await eventsOf('<34>1 - h app 123 hello hello hello\n', properties, 2);
    expect(kept!.body).toBe('<34>- h app 123 hello hello ');
    expect(kept!.headers['flume.syslog.status']).toBe('Incomplete');
    expect(rest!.headers).toEqual({ ...invalid, port: kept!.headers.port! });
  });
});

it('each port has its charset: what is no text of it is Invalid, hosts come out in UTF-8', async () => {
  const [first = 0, second = 0] = await freePorts(2);
  const { source, seen } = await listening({
    ports: `${first} ${second}`,
    [`charset.port.${second}`]: 'ISO-8859-1',
  });
  await source.start();
  const bytes = Buffer.from('<13>- hôte é\n', 'latin1');
  await send(first, bytes);
  await waitFor('the first', () => seen.length === 1);
  await send(second, bytes);
  await waitFor('the second', () => seen.length === 2);
  expect(seen.map(({ headers }) => headers['flume.syslog.status'] ?? headers.host)).toEqual([
    'Invalid',
    'hôte',
  ]);
  expect(seen.map(({ body }) => body)).toEqual(['<13>- hôte é', 'é']);
  expect(source.counter?.eventReadFail).toBe(1);
});

it('a put has at most batchSize events', async () => {
  const { source, ports, seen, puts } = await listening({ batchSize: 7 });
  await source.start();
  await send(ports[0]!, '<13>- - x\n'.repeat(30));
  await waitFor('all', () => seen.length === 30);
  expect(Math.max(...puts)).toBe(7);
});

it('a port that is taken does not keep the others, and is had once it is free', async () => {
  const { source, ports, seen, context } = await listening();
  const holder = createServer().listen(ports[0], '127.0.0.1');
  await once(holder, 'listening');
  await source.start();
  expect(context.log.lines.join('\n')).toContain(`port ${ports[0]} on 127.0.0.1 is in use`);
  await send(ports[1]!, '<13>- - a\n');
  await waitFor('the other', () => seen.length === 1);
  holder.close();
  await waitFor('the port', () =>
    context.log.lines.some((line) => line.endsWith(`listens on 127.0.0.1:${ports[0]}`)),
  );
  await send(ports[0]!, '<13>- - b\n');
  await waitFor('the first', () => seen.length === 2);
});

it('says what keeps it from being had', () => {
  const fault = (properties: Record<string, string>) => {
    try {
      contextFor(multiportSyslogTcpSource, { ports: '1', ...properties });
      return '';
    } catch (error) {
      return String(error);
    }
  };
  expect(fault({ ports: '514x' })).toContain('ports: 514x is no port');
  expect(fault({ 'charset.port.5': 'nosuch' })).toContain('charset.port.5: the charset nosuch is not known');
  expect(fault({ 'charset.default': 'UTF-16' })).toContain("messages can't be told apart in UTF-16");
  expect(fault({ 'charset.default': 'ISO-8859-15' })).toBe('');
});
