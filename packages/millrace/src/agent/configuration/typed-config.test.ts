import { describe, expect, it } from 'vitest';
import { parsePropertiesText } from '../../config/properties.ts';
import { Agent } from '../agent.ts';
import { type AgentModel, agentToRun } from '../model.ts';
import { modelOf } from './load-config.ts';
import { agentModelOf, defineAgent } from './typed-config.ts';

const agent = defineAgent({
  name: 'collect',
  sources: {
    r1: {
      type: 'TAILDIR',
      channels: ['c1', 'c2'],
      filegroups: ['f1'],
      'filegroups.f1': '/var/log/.*log',
      batchSize: 50,
      fileHeader: true,
      headers: { f1: { service: 'shop' } },
      selector: { type: 'multiplexing', header: 'service', mapping: { a: 'c1' }, default: 'c2' },
      interceptors: { i2: { type: 'timestamp' }, i1: { type: 'host', useIP: false } },
    },
  },
  channels: { c1: { type: 'memory', capacity: 1000 }, c2: { type: 'memory' } },
  sinks: { k1: { type: 'logger', channel: 'c1' }, k2: { type: 'null', channel: 'c2' } },
  sinkgroups: { g1: { sinks: ['k1', 'k2'], processor: { type: 'failover', priority: { k1: 5, k2: 9 } } } },
});

const text = `collect.sources = r1
collect.channels = c1 c2
collect.sinks = k1 k2
collect.sinkgroups = g1
collect.sources.r1.type = TAILDIR
collect.sources.r1.channels = c1 c2
collect.sources.r1.filegroups = f1
collect.sources.r1.filegroups.f1 = /var/log/.*log
collect.sources.r1.batchSize = 50
collect.sources.r1.fileHeader = true
collect.sources.r1.headers.f1.service = shop
collect.sources.r1.selector.type = multiplexing
collect.sources.r1.selector.header = service
collect.sources.r1.selector.mapping.a = c1
collect.sources.r1.selector.default = c2
collect.sources.r1.interceptors = i2 i1
collect.sources.r1.interceptors.i2.type = timestamp
collect.sources.r1.interceptors.i1.type = host
collect.sources.r1.interceptors.i1.useIP = false
collect.channels.c1.type = memory
collect.channels.c1.capacity = 1000
collect.channels.c2.type = memory
collect.sinks.k1.type = logger
collect.sinks.k1.channel = c1
collect.sinks.k2.type = null
collect.sinks.k2.channel = c2
collect.sinkgroups.g1.sinks = k1 k2
collect.sinkgroups.g1.processor.type = failover
collect.sinkgroups.g1.processor.priority.k1 = 5
collect.sinkgroups.g1.processor.priority.k2 = 9
`;

/** All that a runtime looks at. */
const essence = ({ channels, sources, sinks, groups, components, valid }: AgentModel) => ({
  valid,
  components,
  groups: groups.map(({ name, sinks, processor: { type, options } }) => ({ name, sinks, type, options })),
  channels: channels.map(({ name, type, options }) => ({ name, type, options })),
  sources: sources.map(({ properties: _, definition, selector, interceptors, ...rest }) => ({
    ...rest,
    definition: definition.type,
    selector: selector.options,
    interceptors: interceptors.map(({ name, type, options }) => ({ name, type, options })),
  })),
  sinks: sinks.map(({ name, type, channel, options }) => ({ name, type, channel, options })),
});

describe('an agent as an object', () => {
  it('comes to the same model as its properties file', async () => {
    const typed = await agentModelOf(agent);
    const fromFile = agentToRun(await modelOf(parsePropertiesText(text, 'f')), 'collect');
    expect(fromFile.valid).toBe(true);
    expect(essence(typed)).toEqual(essence(fromFile));
    expect(typed.diagnostics.map(({ code, file }) => [code, file])).toEqual([
      ['group-channels', 'collect.sinkgroups.g1.sinks'],
    ]);
  });

  it('gives findings the path in the object for a place', async () => {
    const model = await agentModelOf({
      name: 'a1',
      sources: { r1: { type: 'seq', channels: ['c1'], batchsize: 5 } },
      channels: { c1: { type: 'memory', capacity: 'many' } },
    });
    expect(model.diagnostics.map(({ file, line, column, code }) => [file, line, column, code])).toEqual([
      ['a1.channels', 0, 0, 'no-sinks'],
      ['a1.channels.c1.capacity', 0, 0, 'number-replaced'],
      ['a1.sources.r1.batchsize', 0, 0, 'unknown-key'],
      ['a1.sources.r1.channels', 0, 0, 'no-way-out'],
    ]);
  });

  it('is invalid, and says why, where Flume would run nothing', async () => {
    const model = await agentModelOf({ name: 'a1', channels: {} });
    expect(model.valid).toBe(false);
    expect(model.diagnostics.map(({ code }) => code)).toContain('no-channels');
  });
});

describe('an agent that a program describes', () => {
  const sound = {
    name: 'a1',
    sources: { r1: { type: 'seq', channels: ['c1'], batchSize: 5 } },
    channels: { c1: { type: 'memory', capacity: 500 } },
    sinks: { k1: { type: 'null', channel: 'c1' } },
  };
  it.each([
    [
      'a type',
      { sources: { r1: { type: 'sek', channels: ['c1'] } } },
      'a1.sources.r1.type',
      'did you mean seq?',
    ],
    [
      'an option',
      { sources: { r1: { type: 'seq', channels: ['c1'], batchsize: 5 } } },
      'a1.sources.r1.batchsize',
      'did you mean batchSize?',
    ],
    [
      'a number',
      { channels: { c1: { type: 'memory', capacity: -5 } } },
      'a1.channels.c1.capacity',
      'whole number from 1',
    ],
    [
      'a channel',
      { sources: { r1: { type: 'seq', channels: ['c1', 'c2'] } } },
      'a1.sources.r1.channels',
      'the channels are: c1',
    ],
  ])('is not made with %s that is misspelt', async (_, change, place, remedy) => {
    await expect(Agent.fromConfig({ ...sound, ...change })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      remedy: expect.not.stringMatching(/-f FILE/), // a program has none
      message: expect.stringMatching(
        new RegExp(`${place.replaceAll('.', '\\.')}: .*${remedy.replace('?', '\\?')}`),
      ),
    });
  });

  it('is made where it is sound', async () => {
    expect((await Agent.fromConfig(sound)).model.valid).toBe(true);
  });
});
