import { homedir } from 'node:os';
import { expect, it } from 'vitest';
import { FaultyFiles } from '../../../../testkit/src/files/faulty-files.ts';
import { modelOf } from '../../agent/configuration/load-config.ts';
import { put } from '../../component/testing/channel-fixture.ts';
import { contextFor } from '../../component/testing/context.ts';
import { batchOf, numbered } from '../../component/testing/test-api.ts';
import { parsePropertiesText } from '../../config/properties.ts';
import { fileChannelOf, type JdbcContext, jdbcChannel } from './jdbc-channel.ts';

const contextOf = (given: Readonly<Record<string, string | number>>, name?: string) =>
  // Parsed after the channel's own spec.
  contextFor(jdbcChannel, given, name) as unknown as JdbcContext & { log: { lines: string[] } };

it('keeps the events of each channel in a folder of its own, and says so', () => {
  const folder = `${homedir()}/.flume/jdbc-channel/a1`;
  const context = contextOf({}, 'c/1');
  expect(fileChannelOf(context).folder).toBe(`${folder}/c%2F1/data`);
  expect(context.log.lines).toEqual([
    `warn Channel c/1: jdbc keeps its events in files here (${folder}/c%2F1/data); what is left in Flume's database is not read`,
  ]);
});

it('holds maximum.capacity events, without a limit where that is 0 or no number', async () => {
  for (const [given, capacity] of [
    ['7', 7],
    ['0', Number.MAX_SAFE_INTEGER],
    ['-1', Number.MAX_SAFE_INTEGER],
    ['x', Number.MAX_SAFE_INTEGER],
  ] as const) {
    const channel = fileChannelOf(contextOf({ 'maximum.capacity': given }));
    expect(channel.counter.channelCapacity).toBe(capacity);
  }
  const given = {
    checkpointDir: '/j/c',
    dataDirs: '/j/d',
    minimumRequiredSpace: 0,
    'maximum.capacity': 20_000,
  };
  const channel = fileChannelOf(contextOf(given), { files: new FaultyFiles(1), lock: false });
  await channel.start();
  await put(channel, ...numbered('e', 20_000));
  const abort = new AbortController();
  const transaction = channel.begin(abort.signal);
  abort.abort();
  await expect(transaction.put(batchOf('f'))).rejects.toMatchObject({ code: 'CHANNEL_FULL' });
});

it('is told by check: where the events are, and what has no effect, the password never shown', async () => {
  const { diagnostics } = await modelOf(
    parsePropertiesText(
      [
        ...['a1.sources = r1', 'a1.channels = c1', 'a1.sinks = k1', 'a1.sources.r1.type = seq'],
        ...['a1.sources.r1.channels = c1', 'a1.sinks.k1.type = null', 'a1.sinks.k1.channel = c1'],
        ...['a1.channels.c1.type = jdbc', 'a1.channels.c1.db.password = s3cret'],
        ...['a1.channels.c1.org.apache.flume.channel.jdbc.driver.url = jdbc:mysql://h/d'],
        ...['a1.channels.c1.maximum.capacity = many', 'a1.channels.c1.sysprop.user.home = /x'],
      ].join('\n'),
      'f',
    ),
  );
  expect(diagnostics.map(({ line, severity, code }) => `${line} ${severity} ${code}`)).toEqual([
    '8 warning no-effect',
    '9 warning no-effect',
    '10 info old-name',
    '10 warning no-effect',
    '11 warning number-replaced',
    '12 warning no-effect',
  ]);
  expect(JSON.stringify(diagnostics)).not.toContain('s3cret');
});
