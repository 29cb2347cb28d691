import { describe, expect, it } from 'vitest';
import { failoverProcessor } from '../../components/routing/failover-processor.ts';
import { loadBalanceProcessor } from '../../components/routing/load-balance-processor.ts';
import { parsePropertiesText } from '../../config/properties.ts';
import { agentToRun } from '../model.ts';
import { modelOf } from './load-config.ts';

const head = `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
a1.sources.r1.type = seq
a1.sources.r1.channels = c1
`;
const load = (text: string) => modelOf(parsePropertiesText(text, 'f'), { env: {} });

describe('the model of an agent', () => {
  it('has each channel of a source once, in the order of its list', async () => {
    const text = `${head.replace('channels = c1\n', 'channels = c1 c2\n')}a1.channels.c2.type = memory\na1.sources.r1.channels = c2 c1 c2\n`;
    expect(agentToRun(await load(text), 'a1').sources[0]?.channels).toEqual(['c2', 'c1']);
  });

  it('has the selector that a source does not name, and its options', async () => {
    const [source] = agentToRun(await load(head), 'a1').sources;
    expect(source?.selector).toMatchObject({ type: 'replicating', options: { optional: [] } });
    const optional = await load(`${head}a1.sources.r1.selector.optional = c1\n`);
    expect(agentToRun(optional, 'a1').sources[0]?.selector.options).toEqual({ optional: ['c1'] });
    expect(optional.diagnostics).toEqual([]);
  });

  it('has values without the blanks of Java around them, and no others', async () => {
    const codes = async (line: string) =>
      (await load(`${head}${line}\n`)).diagnostics.map(({ code }) => code);
    expect(await codes('a1.channels.c1.capacity = \\u00002000\\u001f')).toEqual([]);
    expect(await codes('a1.channels.c1.capacity = \\u0000')).toEqual(['empty-value']);
    expect(await codes('a1.channels.c1.capacity = \\u00a02000')).toEqual(['number-replaced']);
    expect(await codes('a1.channels.c1.capacity = \\u2028')).toEqual(['number-replaced']);
  });

  it("has a source's pauses, and drops it for a bad one", async () => {
    const model = await load(`${head}a1.sources.r1.maxBackoffSleep = 100\n`);
    expect(agentToRun(model, 'a1').sources[0]?.polling).toEqual({
      backoffSleepIncrementMs: 1000,
      maxBackoffSleepMs: 100,
    });
    expect(model.diagnostics).toEqual([]);
    expect(agentToRun(await load(`${head}a1.sources.r1.maxBackoffSleep = 1s\n`), 'a1').sources).toEqual([]);
  });

  it('has the processors of sink groups', async () => {
    const group = `${head.replace('sinks = k1', 'sinks = k1 k2 k3')}a1.sinks.k2.type = null
a1.sinks.k2.channel = c1
a1.sinks.k3.type = null
a1.sinks.k3.channel = c1
a1.sinkgroups = g1
a1.sinkgroups.g1.sinks = k1 k2 k3
a1.sinkgroups.g1.processor.type = `;
    const processor = async (text: string) => agentToRun(await load(group + text), 'a1').groups[0];
    expect(await processor('FAILOVER\na1.sinkgroups.g1.processor.priority.k2 = 7\n')).toMatchObject({
      name: 'g1',
      sinks: ['k1', 'k2', 'k3'],
      processor: {
        type: 'FAILOVER',
        definition: failoverProcessor,
        options: { priority: new Map([['k2', '7']]), maxpenalty: 30_000 },
      },
    });
    const balanced =
      'load_balance\na1.sinkgroups.g1.processor.selector = RANDOM\na1.sinkgroups.g1.processor.backoff = true\n';
    expect((await processor(balanced))?.processor).toMatchObject({
      definition: loadBalanceProcessor,
      options: { selector: 'random', backoff: true, 'selector.maxTimeOut': 30_000 },
    });
  });

  it('has no limit for a channel that declares none', async () => {
    const kafka = head.replace('= memory', '= org.apache.flume.channel.kafka.KafkaChannel');
    const text = `${kafka}a1.channels.c1.kafka.bootstrap.servers = localhost:1\na1.channels.c1.transactionCapacity = 1\na1.sources.r1.batchSize = 500\n`;
    const agent = agentToRun(await load(text), 'a1');
    expect(agent.channels[0]?.transactionCapacity).toBe(Number.POSITIVE_INFINITY);
    expect(agent.sources).toHaveLength(1);
  });

  it('survives more findings than a call takes arguments', async () => {
    const names = Array.from({ length: 130_000 }, (_, i) => `s${i}`).join(' ');
    const model = await load(head.replace('sinks = k1', `sinks = k1 ${names}`));
    expect(agentToRun(model, 'a1').sinks).toHaveLength(1);
    expect(model.diagnostics).toHaveLength(130_000);
  });

  it('never shows what looks like a secret', async () => {
    const keys = [
      'bogus.password',
      'secrettoken',
      'sinks.k1.kafka.password',
      'sink.k1.pasword',
      'sink.k1.pwd',
    ];
    const more = [
      'sink.k1.apiKey',
      'source.r1.sasl.jaas.config',
      'sink.k1.ssl.keystore.passwrod',
      'x.access.key',
    ];
    const text = head + [...keys, ...more].map((key) => `a1.${key} = hunter2\n`).join('');
    expect(
      JSON.stringify(await load(text), (key, value) => (key === 'properties' ? undefined : value)),
    ).not.toContain('hunter2');
  });
});
