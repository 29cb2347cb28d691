import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../../scripts/lib/component-lacks.ts';
import { componentSpecs } from '../../../../scripts/lib/component-specs.ts';
import { wholeExample } from '../../../../scripts/lib/whole-example.ts';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { waitFor } from '../../../testkit/src/process/wait.ts';
import { Agent } from '../agent/agent.ts';
import { modelOf } from '../agent/configuration/load-config.ts';
import { defineSerializer, defineSink } from '../component/define.ts';
import { opt, plainSpec } from '../config/options.ts';
import { parsePropertiesText } from '../config/properties.ts';
import { componentEntries } from './index.ts';
import { componentRegistry } from './registry.ts';
import { unbuiltTypes } from './unbuilt.ts';

describe('the registry', () => {
  it('gives each name once', () => {
    const names = [...componentEntries, ...unbuiltTypes].flatMap(({ kind, type, classNames }) =>
      [...(type === undefined ? [] : [type.toLowerCase()]), ...classNames].map((name) => `${kind} ${name}`),
    );
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it.each(
    componentEntries.map((entry) => [`${entry.kind} ${entry.type ?? entry.classNames[0]}`, entry] as const),
  )('has an example of %s that check has nothing to say of', async (_, entry) => {
    const { example = '' } = await entry.load();
    const { agents, diagnostics } = await modelOf(parsePropertiesText(wholeExample(example), 'example'));
    // The channel of an example is in memory, whatever stands before it.
    expect(diagnostics.filter(({ code }) => code !== 'gone-with-process')).toEqual([]);
    expect(agents.map(({ name, valid }) => [name, valid])).toEqual([['a1', true]]);
    const named = [entry.type, ...entry.classNames].some(
      (name) => name !== undefined && example.includes(`= ${name}\n`),
    );
    expect(named).toBe(true);
  });

  it('gives every option a sentence', async () => {
    for (const entry of componentEntries) {
      const { options } = await entry.load();
      for (const [name, option] of Object.entries(plainSpec(options))) {
        expect(option.doc.length, `${entry.type} ${name}`).toBeGreaterThan(5);
      }
    }
  });
});

describe('the folder of a component', () => {
  it('has its proof and its page beside it', async () => {
    expect(lacks(await componentSpecs())).toEqual([]);
  });

  it('is told by name what it lacks', async () => {
    const [spec] = await componentSpecs();
    const bare = {
      ...spec!,
      file: 'nowhere/my-source.ts',
      definition: { ...spec!.definition, type: 'my', example: '' },
    };
    expect(lacks([bare])).toEqual([
      'components/nowhere/my-source.ts lacks my-source.contract.test.ts, which holds it to the contract of its kind',
      'components/nowhere/my-source.ts lacks an example in its spec',
      'components/nowhere/my-source.ts lacks docs/components/source/my.md: npm run generate',
    ]);
  });
});

describe('looking a type up', () => {
  const find = async (kind: 'source' | 'sink' | 'channel' | 'interceptor', type: string) =>
    (await componentRegistry().load([{ kind, type }])).find(kind, type);

  it.each(['memory', 'Memory', 'MEMORY', 'org.apache.flume.channel.MemoryChannel'])(
    'finds %s',
    async (type) => {
      expect(await find('channel', type)).toMatchObject({ found: true, definition: { type: 'memory' } });
    },
  );

  it.each([
    [
      'source',
      'org.apache.flume.source.sequencegeneratorsource',
      'the case of a class name counts; write org.apache.flume.source.SequenceGeneratorSource',
    ],
    ['channel', 'memry', 'did you mean memory?'],
    ['source', 'TailDirSource', 'did you mean org.apache.flume.source.taildir.TaildirSource?'],
    ['sink', 'logger # print', 'a comment needs a line of its own; write type = logger'],
    [
      'interceptor',
      'org.apache.flume.interceptor.HostInterceptor',
      'did you mean org.apache.flume.interceptor.HostInterceptor$Builder?',
    ],
  ] as const)('has a suggestion for the %s %s', async (kind, type, suggestion) => {
    expect(await find(kind, type)).toEqual({
      found: false,
      code: 'unknown-type',
      reason: `unknown ${kind} type: ${type}`,
      suggestion,
    });
  });

  it('tells what Flume has and Millrace has not', async () => {
    const twitter = 'org.apache.flume.source.twitter.TwitterSource';
    expect(await find('source', twitter)).toEqual({
      found: false,
      code: 'unsupported-type',
      reason: `${twitter} is a Flume source that Millrace does not have yet`,
      suggestion: 'the service that it used is gone',
    });
    expect(await find('sink', 'hive')).toMatchObject({
      code: 'unsupported-type',
      suggestion: expect.stringContaining('hdfs sink'),
    });
  });

  it('never takes a name for code', async () => {
    for (const type of ['__proto__', 'constructor', '../../etc/passwd', 'file:///x.js', 'toString']) {
      expect(await find('sink', type)).toMatchObject({ found: false, code: 'unknown-type' });
    }
  });

  it("takes a program's own component before Millrace's", async () => {
    const own = defineSink({
      type: 'logger',
      classNames: [],
      summary: 'Mine.',
      options: {},
      create: () => ({
        batch: { events: 1 },
        start: async () => {},
        stop: async () => {},
        deliver: async () => {},
      }),
    });
    const catalog = await componentRegistry([own]).load([{ kind: 'sink', type: 'logger' }]);
    expect(catalog.find('sink', 'logger')).toEqual({ found: true, definition: own });
  });

  it("takes a program's own serializer where a sink's options name one", async () => {
    const own = defineSerializer({
      type: 'shout',
      classNames: [],
      summary: 'Mine.',
      options: { mark: opt.string({ doc: 'What stands behind a body.', default: '!' }) },
      create: ({ options }) => ({
        begin: () => Buffer.alloc(0),
        encode: (batch) => Buffer.from([...batch].map((event) => `${event.body}${options.mark}\n`).join('')),
        end: () => Buffer.alloc(0),
      }),
    });
    using dir = tempDir();
    const sink = {
      type: 'file_roll',
      channel: 'c1',
      'sink.directory': dir.path,
      'sink.rollInterval': 0,
      'sink.serializer': 'shout',
      'sink.serializer.mark': '?',
    };
    await using agent = await Agent.fromConfig(
      {
        name: 'a1',
        sources: { r1: { type: 'seq', channels: ['c1'], totalEvents: 2 } },
        channels: { c1: { type: 'memory' } },
        sinks: { k1: sink },
      },
      { components: [own] },
    );
    await agent.start();
    const text = () =>
      readdirSync(dir.path)
        .map((file) => readFileSync(dir.join(file), 'utf8'))
        .join('');
    await waitFor('the events', () => text() === '0?\n1?\n');
  });
});
