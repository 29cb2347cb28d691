import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { testIo } from '../../../testkit/src/process/test-io.ts';
import { explainKey } from '../agent/configuration/key-help.ts';
import { componentRegistry } from '../components/registry.ts';
import { plainSpec } from '../config/options.ts';
import { run } from './check.ts';
import { columnsOf } from './fit.ts';

async function explain(key: string, conf?: string, more: readonly string[] = [], columns?: number) {
  using dir = tempDir();
  const files: string[] = [];
  if (conf !== undefined) {
    files.push(dir.join('f.conf'));
    writeFileSync(files[0]!, conf);
  }
  const { io, stdout, stderr } = testIo(columns === undefined ? {} : { columns });
  const code = await run(['--explain', key, ...files, ...more], io);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('check --explain', () => {
  it('knows every option of every component by the type of the component', async () => {
    const definitions = await componentRegistry().all();
    const unknown: string[] = [];
    for (const definition of definitions) {
      const type = definition.type ?? definition.classNames[0]!;
      for (const [name, option] of Object.entries(plainSpec(definition.options))) {
        const isFamily = option.kind === 'map' || option.kind === 'properties';
        const key = isFamily ? `${(option.kind === 'map' ? option.prefix : undefined) ?? name}.*` : name;
        const { found } = explainKey(`${type}.${key}`, definitions);
        const own = found.find((help) => help.kind === definition.kind && help.key === key);
        if (own === undefined || own.required !== (option.required === true)) unknown.push(`${type}.${key}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  it('knows the names that Flume had before', async () => {
    const { stdout } = await explain('brokerList');
    expect(stdout).toContain('brokerList still works; write kafka.bootstrap.servers');
  });

  const conf = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = TAILDIR
a1.sources.r1.channels = c1
a1.sources.r1.filegroups = f1
a1.sources.r1.filegroups.f1 = /logs/.*
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = static
a1.channels.c1.type = memory
a1.sinks.k1.type = nosuch
a1.sinks.k1.channel = c1
`;
  it.each([
    ['a1.sources.r1.batchSize', 'batchSize (source TAILDIR)'],
    ['a1.sources.r1.maxBackoffSleep', 'maxBackoffSleep (source TAILDIR)'],
    ['a1.sources.r1.filegroups.f1', 'filegroups.f1 (source TAILDIR)'],
    ['a1.sources.r1.interceptors.i1.key', 'key (interceptor static)'],
    ['a1.sources.r1.selector.optional', 'optional (selector replicating)'],
    ['a1.sources.r1.channels', 'channels (source TAILDIR)'],
    ['a1.channels.c1.capacity', 'capacity (channel memory)'],
    ['a1.sources', 'a1.sources (agent)'],
  ])('of %s: the component that the file has there, alone', async (key, heading) => {
    const { code, stdout } = await explain(key, conf);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => / \([a-z]+( \S+)?\)$/.test(line))).toEqual([heading]);
  });

  it('shows type, unit, range, default, page', async () => {
    const { stdout } = await explain('memory.keep-alive');
    expect(stdout).toBe(`keep-alive (channel memory)
  How long a commit waits for room, and a take for events.
  type       a length of time, in seconds, from 0
  default    3
  page       docs/components/channel/memory.md
`);
  });

  it('shows what has no effect, and why', async () => {
    expect((await explain('exec.batchTimeout')).stdout).toMatch(
      /no effect {2}lines go on as soon as they are read/,
    );
  });

  it.each([
    ['kafka.topc', 'Did you mean kafka.topic?'],
    ['TAILDIR.filegroup', 'Did you mean TAILDIR.filegroups?'],
    ['a1.channels.c1.capacty', 'Did you mean a1.channels.c1.capacity?'],
    ['group.id', 'Did you mean kafka.consumer.group.id?'],
    ['memory.nothing-like-it', 'docs/components.md'],
  ])('%s: %s', async (key, remedy) => {
    const { code, stdout, stderr } = await explain(key);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(remedy);
  });

  it('fits a narrow terminal', async () => {
    const { stdout } = await explain('memory.byteCapacity', undefined, [], 40);
    // A path is one word, and stays whole.
    const lines = stdout.split('\n').filter((line) => !line.includes('docs/'));
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(40);
  });

  it('is JSON where that is asked for', async () => {
    const { stdout } = await explain('seq.batchSize', undefined, ['--json']);
    expect(JSON.parse(stdout)).toEqual({
      key: 'seq.batchSize',
      found: [
        expect.objectContaining({
          key: 'batchSize',
          kind: 'source',
          component: 'seq',
          unit: 'events',
          range: 'from 1',
          default: '1',
          required: false,
        }),
      ],
    });
  });
});
