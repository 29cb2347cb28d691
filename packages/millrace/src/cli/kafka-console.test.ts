/** The console producer and consumer, against the embedded broker in memory. */

import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import { testIo } from '../../../testkit/src/process/test-io.ts';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import { Broker } from '../broker/index.ts';
import { run as runConsumer } from './kafka-console-consumer.ts';
import { run as runProducer } from './kafka-console-producer.ts';
import { run as runGroups } from './kafka-consumer-groups.ts';

let broker: Broker;
beforeAll(async () => {
  broker = await Broker.start({ groupInitialRebalanceDelayMs: 0 });
});
afterAll(() => broker.stop());

const server = () => ['--bootstrap-server', broker.bootstrapServers];
const produce = (stdin: string | readonly string[], ...argv: string[]) =>
  runCli(runProducer, [...server(), ...argv], { stdin });
const consume = (...argv: string[]) => runCli(runConsumer, [...server(), ...argv]);
const readAll = async (topic: string, count: number, ...argv: string[]) =>
  (await consume('--topic', topic, '--from-beginning', '--max-messages', String(count), ...argv)).stdout;

describe('kafka-console-producer', () => {
  it('sends lines that are split anywhere, the last without its end too', async () => {
    const { code, stdout, stderr } = await produce(['on', 'e\r\n\ntw', 'o\nthr', 'ee'], '--topic', 'lines');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await readAll('lines', 4)).toBe('one\n\ntwo\nthree\n');
  });

  it('parses keys and headers, and names the line where that fails', async () => {
    const options = [
      '--topic',
      'keyed',
      '--property',
      'parse.key=true',
      '--reader-property',
      'parse.headers=true',
    ];
    const { code, stderr } = await produce('a:1\tk\tv\nwrong\na:1\tk\tv\n', ...options);
    expect(code).toBe(1);
    expect(stderr).toContain("No headers delimiter found on line number 2: 'wrong'");
    const shown = await readAll(
      'keyed',
      1,
      '--property',
      'print.key=true',
      '--formatter-property',
      'print.headers=true',
    );
    expect(shown).toBe('a:1\tk\tv\n');
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compresses with %s', async (codec) => {
    const line = `${'x'.repeat(500)}\n`;
    await produce(line.repeat(20), '--topic', `codec-${codec}`, '--compression-codec', codec, '--sync');
    expect(await readAll(`codec-${codec}`, 20)).toBe(line.repeat(20));
  });

  it('goes on after a line that is too long, and says so', async () => {
    const long = 'x'.repeat(1_100_000);
    const { code, stderr } = await produce([`${long}`, `${long}\nshort\n`], '--topic', 'long');
    expect(code).toBe(1);
    expect(stderr).toContain('a line is longer than max.request.size');
    expect(stderr).toContain('1 lines were not sent');
    expect(await readAll('long', 1)).toBe('short\n');
  });

  it('ends with 1 when the broker refuses', async () => {
    const { code, stderr } = await produce('x\n', '--topic', 'not a name');
    expect(code).toBe(1);
    expect(stderr).toContain('INVALID_TOPIC_EXCEPTION');
  });

  it('takes --broker-list, with a note', async () => {
    const argv = ['--broker-list', broker.bootstrapServers, '--topic', 'old'];
    const { code, stderr } = await runCli(runProducer, argv, { stdin: 'x\n' });
    expect(code).toBe(0);
    expect(stderr).toContain('--broker-list is the old name of --bootstrap-server');
  });

  it('reads properties files, and tells of what it does not know', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('p.properties'), 'lingr.ms = 3\ncompression.type=gzip\n');
    const { code, stderr } = await produce(
      'x\n',
      '--topic',
      'props',
      '--command-config',
      dir.join('p.properties'),
    );
    expect(code).toBe(0);
    expect(stderr).toContain('lingr.ms is not known here; did you mean linger.ms?');
    const missing = await produce('x\n', '--topic', 'props', '--producer.config', dir.join('none'));
    expect(missing).toMatchObject({ code: 78 });
    expect(missing.stderr).toContain('there is no such file');
  });

  it.each([
    [[], 'Missing required argument "[topic]"'],
    [['--topic', 't', '--compression-codec', 'gzp'], 'did you mean gzip?'],
    [['--topic', 't', '--line-reader', 'com.example.Reader'], 'names never become code'],
    [
      ['--topic', 't', '--reader-property', 'null.marker=:'],
      'headers.key.separator and null.marker may not be equal',
    ],
  ])('refuses %j', async (argv, text) => {
    const { code, stderr } = await produce('x\n', ...argv);
    expect(stderr).toContain(text);
    expect(code).toBe(64);
  });

  it('ends at Ctrl-C while its input stays open, with everything sent', async () => {
    const stdin = new PassThrough();
    const { io } = testIo({ stdin });
    const done = runProducer([...server(), '--topic', 'open'], io);
    stdin.write('before\n');
    await waitFor('the line', async () => (await readAll('open', 1, '--timeout-ms', '200')) === 'before\n');
    process.emit('SIGINT');
    expect(await done).toBe(130);
  });
});

describe('kafka-console-consumer', () => {
  beforeAll(async () => {
    await produce('a\nb\nc\nd\n', '--topic', 'four');
  });

  it('reads a partition from an offset', async () => {
    const at = (...argv: string[]) => consume('--topic', 'four', '--partition', '0', ...argv);
    expect((await at('--offset', '2', '--max-messages', '2')).stdout).toBe('c\nd\n');
    expect((await at('--offset', 'earliest', '--max-messages', '1')).stdout).toBe('a\n');
    expect(await at('--offset', 'latest', '--timeout-ms', '50')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'Processed a total of 0 messages\n',
    });
    // An offset that is not there: auto.offset.reset decides.
    const reset = await at(
      '--offset',
      '99',
      '--consumer-property',
      'auto.offset.reset=earliest',
      '--max-messages',
      '4',
    );
    expect(reset.stdout).toBe('a\nb\nc\nd\n');
  });

  it('commits exactly what it printed, and goes on there', async () => {
    const next = (count: string) =>
      consume('--topic', 'four', '--group', 'exact', '--from-beginning', '--max-messages', count);
    expect((await next('1')).stdout).toBe('a\n');
    expect((await next('2')).stdout).toBe('b\nc\n');
    const { stdout } = await runCli(runGroups, [...server(), '--describe', '--group', 'exact', '--json']);
    expect(JSON.parse(stdout)[0].partitions[0]).toMatchObject({ currentOffset: 3, logEndOffset: 4, lag: 1 });
  });

  it('commits where it begins though it reads nothing', async () => {
    await consume('--topic', 'four', '--group', 'idle', '--timeout-ms', '300');
    const { stdout } = await runCli(runGroups, [...server(), '--describe', '--group', 'idle', '--json']);
    expect(JSON.parse(stdout)[0].partitions[0]).toMatchObject({ currentOffset: 4, lag: 0 });
  });

  it('commits nothing without a group, or where told so', async () => {
    const off = ['--group', 'off', '--consumer-property', 'enable.auto.commit=false'];
    expect((await consume('--topic', 'four', '--from-beginning', '--max-messages', '4', ...off)).stdout).toBe(
      'a\nb\nc\nd\n',
    );
    const { stdout } = await runCli(runGroups, [...server(), '--describe', '--group', 'off', '--json']);
    expect(JSON.parse(stdout)[0].partitions).toEqual([]);
  });

  it('reads topics by a pattern, as JSON', async () => {
    const { stdout } = await consume(
      '--include',
      'fou.',
      '--from-beginning',
      '--max-messages',
      '1',
      '--json',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      topic: 'four',
      partition: 0,
      offset: 0,
      key: null,
      value: 'a',
    });
  });

  it('waits for a slow reader, and ends when the reader goes', async () => {
    await produce('0123456789\n'.repeat(20_000), '--topic', 'much');
    const stdout = new PassThrough({ highWaterMark: 16 });
    const { io, stderr } = testIo({ stdout });
    const done = runConsumer([...server(), '--topic', 'much', '--from-beginning'], io);
    await waitFor('output', () => stdout.readableLength > 0);
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await done).toBe(0);
    expect(stderr()).toMatch(/Processed a total of \d+ messages/);
  });

  it('ends at Ctrl-C', async () => {
    const { io, stdout, stderr } = testIo();
    const done = runConsumer([...server(), '--topic', 'four', '--from-beginning', '--group', 'int'], io);
    await waitFor('the records', () => stdout() === 'a\nb\nc\nd\n');
    process.emit('SIGINT');
    expect(await done).toBe(130);
    expect(stderr()).toBe('Processed a total of 4 messages\n');
  });

  it.each([
    [[], 'Exactly one of the following arguments is required: [topic], [include]'],
    [['--topic', 't', '--offset', '1'], 'The partition is required when offset is specified.'],
    [['--topic', 't', '--partition', '0', '--offset', '-1x'], "The provided offset value '-1x' is incorrect"],
    [
      ['--topic', 't', '--partition', '0', '--group', 'g'],
      'Options group and partition cannot be specified together.',
    ],
    [['--topic', 't', '--group', 'a', '--consumer-property', 'group.id=b'], 'do not match'],
    [
      ['--topic', 't', '--from-beginning', '--command-property', 'auto.offset.reset=latest'],
      "Can't simultaneously specify",
    ],
    [['--topic', 't', '--formatter', 'com.example.F'], 'names never become code'],
    [['--topic', 't', '--zookeeper', 'z:2181'], 'kafka-console-consumer --bootstrap-server'],
  ])('refuses %j', async (argv, text) => {
    const { code, stderr } = await consume(...argv);
    expect(stderr).toContain(text);
    expect(code).toBe(64);
  });

  it('refuses a partition that is not there', async () => {
    const { code, stderr } = await consume('--topic', 'four', '--partition', '5');
    expect(code).toBe(1);
    expect(stderr).toContain('topic four has no partition 5');
  });
});
