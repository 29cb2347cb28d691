import { afterEach, describe, expect, it } from 'vitest';
import { sendDatagrams } from '../../../../testkit/src/net/datagrams.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { RecordedEvents } from '../../component/testing/recorded-events.ts';
import { PatternParser } from '../../formats/syslog/patterns.ts';
import { DatagramQueue } from '../../net/datagram-queue.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { SyslogDatagrams } from './datagrams.ts';
import { syslogUdpSource } from './udp-source.ts';

const sources: { stop(options: { deadline: Deadline }): Promise<void> }[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop({ deadline: Deadline.in(0) });
});

async function listening(properties: Record<string, string | number> = {}, puts = new TestPuts()) {
  const recorded = new RecordedEvents(puts);
  const context = contextFor(syslogUdpSource, { host: '127.0.0.1', port: 0, ...properties });
  const source = syslogUdpSource.create({ ...context, channels: recorded });
  await source.start();
  sources.push(source);
  const port = Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]);
  return { source, port, events: recorded.events, puts, context };
}

const stamped = '<34>1 2026-11-22T10:11:12Z host1 app - hello';
const ofStamped = {
  host: 'host1',
  Severity: '2',
  Facility: '4',
  priority: '34',
  version: '1',
  timestamp: '1795342272000',
};

describe('one datagram is one message, as in Flume', () => {
  const invalid = { Facility: '0', Severity: '0', 'flume.syslog.status': 'Invalid' };
  const cases: [name: string, datagram: string, headers: Record<string, string>, body: string][] = [
    ['without a newline', stamped, ofStamped, 'app - hello'],
    ['with one', `${stamped}\n`, ofStamped, 'app - hello'],
    ['behind newlines', `\n\n${stamped}`, ofStamped, 'app - hello'],
    ['only the first of two lines', `${stamped}\n<13>second`, ofStamped, 'app - hello'],
    [
      'longer than the 2,500 bytes of TCP',
      `${stamped}${'x'.repeat(9000)}`,
      ofStamped,
      `app - hello${'x'.repeat(9000)}`,
    ],
    ['a priority that does not end', '<13', { Facility: '1', Severity: '5' }, '<13'],
    ['no priority', 'plain', invalid, 'plain'],
    ['bytes that are no text', '<13>\xff\x00', { Facility: '1', Severity: '5' }, '<13>\xff\x00'],
  ];
  for (const [name, datagram, headers, body] of cases)
    it(name, async () => {
      const { port, events } = await listening();
      await sendDatagrams(port, [Buffer.from(datagram, 'latin1')]);
      await waitFor('the event', () => events.length > 0);
      expect(events).toEqual([{ headers, body }]);
    });

  it('is none where nothing is in it: counted, and nothing else', async () => {
    const { source, port, events } = await listening();
    await sendDatagrams(port, ['', '\n\n', '<', '<13>last']);
    await waitFor('the event', () => events.length > 0);
    expect(events.map(({ body }) => body)).toEqual(['<13>last']);
    expect(source.counter).toMatchObject({ eventReadFail: 3, eventReceived: 1, eventAccepted: 1 });
  });
});

it('keeps fields in the body, and says who sent it', async () => {
  const { port, events } = await listening({
    keepFields: 'all',
    clientIPHeader: 'host',
    clientHostnameHeader: 'name',
  });
  await sendDatagrams(port, [stamped]);
  await waitFor('the event', () => events.length > 0);
  // What a peer has is its own: the message's host is not taken for it.
  expect(events[0]).toMatchObject({ headers: { ...ofStamped, host: '127.0.0.1' }, body: stamped });
  expect(events[0]!.headers.name).toMatch(/\S/);
});

it('puts together what has come from several peers, each with its own headers', async () => {
  const messages = new SyslogDatagrams(
    { keepFields: 'none', clientIPHeader: 'ip', clientHostnameHeader: 'name' },
    new PatternParser(),
    { nameOf: (address) => (address === '10.0.0.1' ? 'one' : Promise.resolve('two')) },
  );
  const queue = new DatagramQueue(1_000_000);
  for (const last of [1, 2, 1]) queue.add(Buffer.from('<13>x'), { address: `10.0.0.${last}`, port: 514 });
  const batch = (await messages.read(queue, 10, { eventReadFail: 0 } as never))!;
  const headers = [0, 1, 2].map((i) => Object.fromEntries(batch.event(i).headers()));
  expect(headers.map(({ ip, name }) => `${ip} ${name}`)).toEqual([
    '10.0.0.1 one',
    '10.0.0.2 two',
    '10.0.0.1 one',
  ]);
});

it('keeps what arrives while the channels have no room, up to its limit; what comes then is counted and told', async () => {
  const puts = new TestPuts();
  const { source, port, events, context } = await listening({ maxWaitingBytes: 65_536 }, puts);
  puts.holdUp();
  await sendDatagrams(port, ['<13>first']);
  await waitFor('the put', () => puts.open === 1);
  const bodies = Array.from({ length: 300 }, (_, i) => `<13>${i}`.padEnd(256));
  await sendDatagrams(port, bodies);
  const kept = 65_536 / 512;
  await waitFor('drops', () => source.counter!.flumeAttributes().DatagramDroppedCount === String(300 - kept));
  puts.resume();
  await waitFor('events', () => events.length === 1 + kept);
  await source.stop({ deadline: Deadline.in(5000) });
  expect(events.map(({ body }) => body)).toEqual(['<13>first', ...bodies.slice(0, kept)]);
  expect(source.counter).toMatchObject({ eventReceived: 1 + kept, eventAccepted: 1 + kept });
  expect(context.log.lines.filter((line) => line.includes('172 datagrams are lost'))).toHaveLength(1);
});

it('says what is lost where the channels have no room up to the deadline of a stop', async () => {
  const puts = new TestPuts();
  const { source, port, context } = await listening({}, puts);
  puts.holdUp();
  await sendDatagrams(port, ['<13>a']);
  await waitFor('the put', () => puts.open === 1);
  await source.stop({ deadline: Deadline.in(50) });
  expect(source.counter!.flumeAttributes()).toMatchObject({
    DatagramDroppedCount: '1',
    EventAcceptedCount: '0',
  });
  expect(context.log.lines.join('\n')).toContain(
    "error source x1: 1 events are lost: the channels had no room for them before the stop's deadline",
  );
});
