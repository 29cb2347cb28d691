import { afterEach, expect, it } from 'vitest';
import { sendDatagrams } from '../../../../testkit/src/net/datagrams.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { contextFor } from '../../component/testing/context.ts';
import { RecordedEvents } from '../../component/testing/recorded-events.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { netcatUdpSource } from './udp-source.ts';

const sources: { stop(options: { deadline: Deadline }): Promise<void> }[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop({ deadline: Deadline.in(0) });
});

async function listening(properties: Record<string, string | number> = {}) {
  const recorded = new RecordedEvents();
  const context = contextFor(netcatUdpSource, { port: 0, ...properties });
  const source = netcatUdpSource.create({ ...context, channels: recorded });
  await source.start();
  sources.push(source);
  const port = Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]);
  return { source, port, events: recorded.events };
}

it('makes an event of the first line of each datagram, also of an empty one', async () => {
  const { port, events } = await listening();
  const longest = 'x'.repeat(60_000);
  await sendDatagrams(port, [
    'one\ntwo\n',
    'three',
    '',
    '\nfour',
    Buffer.from([0xff, 0, 0x0d, 0x0a]),
    longest,
  ]);
  await waitFor('the events', () => events.length === 6);
  expect(events.map(({ body }) => body)).toEqual(['one', 'three', '', '', '\xff\x00\r', longest]);
  expect(events.every(({ headers }) => Object.keys(headers).length === 0)).toBe(true);
});

it('C2: says who sent it under remoteAddress, as Java writes addresses', async () => {
  const { port, events } = await listening({ remoteAddress: 'ra' });
  const { fromPort: first } = await sendDatagrams(port, ['a', 'b']);
  await waitFor('two', () => events.length === 2);
  const { fromPort: second } = await sendDatagrams(port, ['c'], '::1');
  await waitFor('three', () => events.length === 3);
  expect(events.map(({ headers, body }) => `${body} ${headers.ra}`)).toEqual([
    `a /127.0.0.1:${first}`,
    `b /127.0.0.1:${first}`,
    `c /[0:0:0:0:0:0:0:1]:${second}`,
  ]);
});

it('counts what came and what was taken', async () => {
  const { source, port, events } = await listening();
  await sendDatagrams(port, ['a', 'b']);
  await waitFor('the events', () => events.length === 2);
  expect(source.counter!.flumeAttributes()).toMatchObject({
    EventReceivedCount: '2',
    EventAcceptedCount: '2',
    DatagramDroppedCount: '0',
  });
});
