import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { testIo } from '../../../testkit/src/process/test-io.ts';
import { run } from './check.ts';

const clean = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
`;

async function check(texts: readonly string[], ...more: string[]) {
  using dir = tempDir();
  const files = texts.map((text, i) => {
    const file = dir.join(`${i}.conf`);
    writeFileSync(file, text);
    return file;
  });
  const { io, stdout, stderr } = testIo();
  const code = await run([...files.flatMap((file) => ['-f', file]), ...more], io);
  return { code, stdout: stdout().replaceAll(`${dir.path}/`, ''), stderr: stderr() };
}

describe('the exit code', () => {
  it.each([
    ['clean', [clean], [], 0],
    ['clean, the agent named', [clean], ['-n', 'a1'], 0],
    [
      'only an old name or a double',
      [`${clean}a1.sources.r1.batchSize = 1\na1.sources.r1.batchSize = 2\n`],
      [],
      0,
    ],
    ['something ignored', [`${clean}a1.sources.r1.batchsize = 1\n`], [], 1],
    ['something dropped', [clean.replace('logger', 'nosuch')], [], 1],
    ['an unknown type, strict', [clean.replace('logger', 'nosuch')], ['--strict'], 78],
    ['an agent that is not there', [clean], ['-n', 'a2'], 78],
    ['an invalid agent', [clean.replace('channels = c1\n', 'channels = c1,c2\n')], [], 78],
    ['an agent of which nothing is left', [`${clean}a1.channels.c1.capacity = 50\n`], [], 78],
    ['nothing at all', [''], [], 78],
    ['a second agent that is invalid', [`${clean}agnet.sources = x\n`], [], 1],
    ['that second agent', [`${clean}agnet.sources = x\n`], ['-n', 'agnet'], 78],
    ['a later file that repairs', [clean.replace('logger', 'nosuch'), 'a1.sinks.k1.type = null\n'], [], 0],
  ] as const)('%s', async (_, texts, more, expected) => {
    expect((await check(texts, ...more)).code).toBe(expected);
  });

  it('64 for a wrong command line', async () => {
    for (const argv of [[], ['-x'], ['-f'], ['--conf-fle', 'a']]) {
      const { io, stderr } = testIo();
      expect(await run(argv, io)).toBe(64);
      expect(stderr()).not.toBe('');
    }
  });

  it('78 for a file that is not there, or is a folder', async () => {
    using dir = tempDir();
    mkdirSync(dir.join('folder'));
    for (const [name, why] of [
      ['none.conf', 'there is no such file'],
      ['folder', 'it is a folder'],
    ] as const) {
      const { io, stdout } = testIo();
      expect(await run(['-f', dir.join(name), '-n', 'a1'], io)).toBe(78);
      expect(stdout()).toContain(`${dir.join(name)}: error: can't read ${dir.join(name)}: ${why}`);
      expect(stdout()).not.toContain('there is no agent');
    }
  });
});

describe('--json', () => {
  it('has exactly the promised shape', async () => {
    const text = `${clean}a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = host
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1
a1.sinkgroups.g1.processor.type = default
a1.sources.r1.batchsize = 5
a1.sources.r1.batchSize = 101
`;
    const { code, stdout } = await check([text], '--json');
    expect(code).toBe(1);
    const reason = 'its batchSize of 101 is above the transactionCapacity of channel c1, 100';
    expect(JSON.parse(stdout)).toEqual({
      agents: [
        {
          name: 'a1',
          valid: true,
          components: [
            { kind: 'channel', name: 'c1', type: 'memory', status: 'kept', reason: '' },
            { kind: 'source', name: 'r1', type: 'seq', status: 'dropped', reason },
            {
              kind: 'interceptor',
              name: 'r1.i1',
              type: 'host',
              status: 'dropped',
              reason: 'its source r1 is dropped',
            },
            { kind: 'sink', name: 'k1', type: 'logger', status: 'kept', reason: '' },
            { kind: 'sinkgroup', name: 'g1', type: 'default', status: 'kept', reason: '' },
          ],
        },
      ],
      diagnostics: [
        {
          file: '0.conf',
          line: 14,
          column: 1,
          severity: 'warning',
          code: 'unknown-key',
          message: 'source r1 has no property batchsize: it is ignored',
          suggestion: 'did you mean batchSize?',
        },
        {
          file: '0.conf',
          line: 15,
          column: 27,
          severity: 'error',
          code: 'batch-too-big',
          message: `source r1 is dropped: ${reason}`,
          suggestion: 'set batchSize to 100 or less, or transactionCapacity of channel c1 to 101 or more',
          drops: 'a1.sources.r1',
        },
      ],
    });
  });

  it('names the agent that is not there, and the nearest', async () => {
    const report = JSON.parse((await check([clean], '-n', 'a2', '--json')).stdout);
    expect(report.agents).toEqual([{ name: 'a2', valid: false, components: [] }]);
    expect(report.diagnostics).toEqual([
      {
        file: '0.conf',
        line: 0,
        column: 0,
        severity: 'error',
        code: 'no-such-agent',
        message: 'there is no agent a2; an empty agent runs, and does nothing',
        suggestion: 'did you mean a1?',
      },
    ]);
  });

  it('tells of properties for Kafka that have no effect, at their place', async () => {
    const sink = `${clean.replace('= logger', '= org.apache.flume.sink.kafka.KafkaSink')}
a1.sinks.k1.kafka.bootstrap.servers = localhost:9092
a1.sinks.k1.kafka.producer.ssl.key.password = hunter2
a1.sinks.k1.kafka.producer.lingr.ms = 5
`;
    const line = sink.split('\n').findIndex((text) => text.includes('ssl.key')) + 1;
    const result = await check([sink]);
    expect(result.code).toBe(1);
    expect(result.stdout).toContain(
      `0.conf:${line}:1: warning: sink k1: kafka.producer.ssl.key.password has no effect: `,
    );
    expect(result.stdout).toContain(
      `0.conf:${line + 1}:1: warning: sink k1: kafka.producer.lingr.ms is not known here (did you mean linger.ms?)`,
    );
    expect(result.stdout).not.toContain('hunter2');
  });

  it('takes system properties and the environment', async () => {
    const text = clean.replace('= logger', '= $'.concat('{sys:sink}'));
    expect((await check([text], '-Dsink=logger')).code).toBe(0);
    expect((await check([text])).code).toBe(1);
  });
});

describe('the text', () => {
  it('has colours only where they are wanted', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('f.conf'), `${clean}nodots = 1\n`);
    const coloured = testIo({ color: true });
    await run(['-f', dir.join('f.conf')], coloured.io);
    expect(coloured.stdout()).toContain('\u001b[33mwarning\u001b[0m');
    const plain = testIo({ color: false });
    await run(['-f', dir.join('f.conf')], plain.io);
    expect(plain.stdout()).not.toContain('\u001b');
  });
});

describe('components of --plugins', () => {
  const file = resolve(import.meta.dirname, '../../../../examples/plugin/heartbeat-source.ts');
  const own = clean.replace('type = seq', 'type = heartbeat');

  it('are known, with their options', async () => {
    expect((await check([own])).code).toBe(1);
    expect((await check([own], '--plugins', file)).code).toBe(0);
    const { stdout } = await check([`${own}a1.sources.r1.intervall = 1\n`], '--plugins', file);
    expect(stdout).toContain('intervall');
    expect(stdout).toContain('interval');
  });

  it('that can’t be had end with 78, the file and what is wrong', async () => {
    const { code, stderr } = await check([own], '--plugins', '/nowhere/x.ts');
    expect(code).toBe(78);
    expect(stderr).toContain('plugin /nowhere/x.ts: it is not there');
  });
});
