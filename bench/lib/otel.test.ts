import { expect, test } from 'vitest';
import { buildFault, otelSources, otelVersion, stampOf } from './otel-collector.ts';
import { type OtelQueue, otelConf } from './otel-conf.ts';
import { faultLine } from './programs.ts';

const at = { input: '/logs/access.log', dir: '/run/1', bootstrap: '127.0.0.1:9092', topic: 't' };
const parsed = (queue: OtelQueue) => JSON.parse(otelConf({ ...at, queue }));

test('both settings read the file from its beginning, keep a position, and send lines as they are with acks=all', () => {
  for (const queue of ['memory', 'file'] as const) {
    const { receivers, exporters, service } = parsed(queue);
    expect(receivers.file_log).toMatchObject({
      include: [at.input],
      start_at: 'beginning',
      storage: 'file_storage',
      operators: [{ type: 'bytes_body' }],
    });
    expect(exporters.kafka).toMatchObject({
      brokers: [at.bootstrap],
      logs: { topic: 't', encoding: 'raw' },
      producer: { required_acks: 'all' },
      sending_queue: { block_on_overflow: true, sizer: 'items' },
    });
    expect(service.pipelines).toEqual({ logs: { receivers: ['file_log'], exporters: ['kafka'] } });
  }
});

test('batches are made behind the queue, or in front of it where that is said', () => {
  expect(parsed('file').exporters.kafka.sending_queue.batch).toEqual({ min_size: 10_000 });
  const { processors, exporters, service, extensions } = parsed('file-batch');
  expect(processors.batch).toMatchObject({ send_batch_size: 10_000, send_batch_max_size: 10_000 });
  expect(service.pipelines.logs.processors).toEqual(['batch']);
  expect(exporters.kafka.sending_queue).toMatchObject({ storage: 'file_storage', block_on_overflow: true });
  expect(exporters.kafka.sending_queue).not.toHaveProperty('batch');
  expect(extensions.file_storage.fsync).toBe(true);
});

test('only the durable setting keeps its queue in a file, and syncs it', () => {
  expect(parsed('file').exporters.kafka.sending_queue.storage).toBe('file_storage');
  expect(parsed('file').extensions.file_storage.fsync).toBe(true);
  expect(parsed('memory').exporters.kafka.sending_queue).not.toHaveProperty('storage');
  expect(parsed('memory').extensions.file_storage.fsync).toBe(false);
});

test('a change of any source or of its name asks for another program', () => {
  const files = new Map(Object.entries({ 'go.mod': 'module a', 'main.go': 'package main' }));
  const stamps = new Set([
    stampOf(files),
    stampOf(new Map([...files, ['main.go', 'package main\n']])),
    stampOf(new Map([...files, ['go.sum', '']])),
    stampOf(new Map([...files].map(([name, text]) => [`${name}x`, text]))),
    stampOf(
      new Map([
        ['go.mod', 'module amain.go'],
        ['', 'package main'],
      ]),
    ),
  ]);
  expect(stamps.size).toBe(5);
  expect(stampOf(new Map(files))).toBe(stampOf(files));
});

test('the sources pin one release of the receiver, the exporter and the storage', () => {
  const files = otelSources();
  expect([...files.keys()]).toEqual(expect.arrayContaining(['go.mod', 'go.sum', 'main.go']));
  const goMod = files.get('go.mod')!;
  const version = otelVersion(goMod);
  for (const module of [
    'receiver/filelogreceiver',
    'exporter/kafkaexporter',
    'extension/storage/filestorage',
  ]) {
    expect(goMod).toContain(`${module} v${version}\n`);
  }
  expect(() => otelVersion('module empty')).toThrow(/does not require/);
});

test('why there is no program is one line: Go is missing, or what its build said', () => {
  expect(buildFault('module a\n\ngo 1.26.0\n', { code: 'ENOENT' })).toMatch(
    /Go is missing .* Go 1\.26\.0 or newer/,
  );
  const stderr = 'go: downloading a v1\n# a/b\nmain.go:3:2: undefined: x\nmore';
  expect(buildFault('', { code: 1, stderr })).toBe(
    'Go could not build the OpenTelemetry collector: main.go:3:2: undefined: x',
  );
  expect(buildFault('', { message: 'killed' })).toMatch(/: killed$/);
});

test.each([
  ['2026-11-28T12:00:00.000Z\terror\tqueue/persistent_queue.go:1\tError deleting item from queue\t{}', true],
  ['2026-11-28T12:00:00.000Z\twarn\tqueuebatch/partition_batcher.go:1\tFailed to split request.', true],
  ['2026-11-28T12:00:00.000Z\tinfo\tservice/service.go:1\tEverything is ready.', false],
  ['10:00 ERROR c.e.Sink: no', true],
  ['rsyslogd: omkafka: action error', true],
  ['GET /items/error 200', false],
])('a line that tells of a fault is found in what a program said: %s', (line, isFault) => {
  expect(faultLine(`started\n${line}\nwent on`)).toBe(isFault ? line : undefined);
});
