/** Class names of somebody's own, bound to a plugin: every kind of component, in one configuration. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { definitionKinds } from '../../component/kinds.ts';
import type { ConfigurationModel } from '../model.ts';
import { loadConfiguration } from './load-config.ts';
import { loadPlugins } from './plugins.ts';

const classOf = (kind: string): string =>
  `com.example.My${kind}${['interceptor', 'serializer', 'deserializer'].includes(kind) ? '$Builder' : ''}`;

/** A module with one component of each kind, each known by its class name alone. */
const module = definitionKinds
  .map((kind) => {
    const create =
      kind === 'configFilter' ? '() => ({ resolve: async (key) => ({ value: key }) })' : '() => ({})';
    return `export const ${kind} = { kind: '${kind}', classNames: ['${classOf(kind)}'], summary: 'S.', options: {}, create: ${create} };`;
  })
  .join('\n');

const conf = (dir: string) => `
a1.configfilters = f1
a1.configfilters.f1.type = ${classOf('configFilter')}
a1.sources = r1 r2 r3
a1.channels = c1
a1.sinks = k1 k2 k3
a1.sinkgroups = g1
a1.sources.r1.type = ${classOf('source')}
a1.sources.r1.channels = c1
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = ${classOf('interceptor')}
a1.sources.r1.selector.type = ${classOf('selector')}
a1.sources.r2.type = spooldir
a1.sources.r2.spoolDir = ${dir}
a1.sources.r2.channels = c1
a1.sources.r2.deserializer = ${classOf('deserializer')}
a1.sources.r3.type = http
a1.sources.r3.port = 5140
a1.sources.r3.channels = c1
a1.sources.r3.handler = ${classOf('httpHandler')}
a1.channels.c1.type = ${classOf('channel')}
a1.sinks.k1.type = ${classOf('sink')}
a1.sinks.k1.channel = c1
a1.sinks.k2.type = file_roll
a1.sinks.k2.channel = c1
a1.sinks.k2.sink.directory = ${dir}/\${f1["below"]}
a1.sinks.k2.sink.serializer = ${classOf('serializer')}
a1.sinks.k2.sink.pathManager = ${classOf('pathManager')}
a1.sinks.k3.type = null
a1.sinks.k3.channel = c1
a1.sinkgroups.g1.sinks = k1 k3
a1.sinkgroups.g1.processor.type = ${classOf('processor')}
`;

async function read(withPlugins: boolean): Promise<ConfigurationModel> {
  await using dir = tempDir();
  writeFileSync(dir.join('own.mjs'), module);
  writeFileSync(dir.join('a.conf'), conf(dir.path));
  const components = withPlugins ? await loadPlugins([dir.join('own.mjs')]) : [];
  return await loadConfiguration([dir.join('a.conf')], { components });
}

it('with the plugin all run, and the class names are those of the configuration', async () => {
  const agent = (await read(true)).agents[0]!;
  expect(agent.components.filter(({ status }) => status === 'dropped')).toEqual([]);
  const [r1, r2, r3] = agent.sources;
  const [k1, k2] = agent.sinks;
  const group = agent.groups.find(({ name }) => name === 'g1');
  const kindsOf = [
    r1?.definition,
    r1?.interceptors[0]?.definition,
    r1?.selector.definition,
    agent.channels[0]?.definition,
    k1?.definition,
    group?.processor.definition,
  ].map((definition) => definition?.classNames[0]);
  const kinds = ['source', 'interceptor', 'selector', 'channel', 'sink', 'processor'];
  expect(kindsOf).toEqual(kinds.map(classOf));
  const parts = JSON.stringify([r2?.options, r3?.options, k2?.options]);
  for (const kind of ['deserializer', 'serializer', 'pathManager', 'httpHandler'])
    expect(parts).toContain(classOf(kind));
  // What the config filter has given.
  expect(JSON.stringify(k2?.options)).toMatch(/\/below"/);
});

it('without it the same names load nothing, and each is told by its name', async () => {
  const { diagnostics, agents } = await read(false);
  expect([agents[0]?.sources, agents[0]?.channels, agents[0]?.sinks]).toEqual([[], [], []]);
  const told = diagnostics.map(({ message }) => message).join('\n');
  // Those of a source or group that is dropped itself are not told beside it.
  const silent = ['interceptor', 'selector', 'processor'];
  for (const kind of definitionKinds) {
    if (!silent.includes(kind)) expect(told).toContain(classOf(kind));
  }
  const suggestion = `classNames: ['com.example.Mysource'], and name its module with --plugins`;
  expect(diagnostics.some((each) => each.suggestion?.includes(suggestion) === true)).toBe(true);
});
