import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeExample } from '../../../../../scripts/lib/whole-example.ts';
import { defineChannel, defineSink, defineSource } from '../../component/define.ts';
import type { ComponentDefinition } from '../../component/kinds.ts';
import type { Origin } from '../../component/promises.ts';
import { componentEntries } from '../../components/index.ts';
import { opt } from '../../config/options.ts';
import { parsePropertiesText } from '../../config/properties.ts';
import { modelOf } from '../configuration/load-config.ts';
import { explainAgent } from './explain-agent.ts';
import type { AgentExplanation } from './explanation.ts';
import { wordsOf } from './words.ts';

async function explain(
  text: string,
  components: readonly ComponentDefinition[] = [],
): Promise<AgentExplanation> {
  const { agents } = await modelOf(parsePropertiesText(text, 'f.conf'), { env: {}, components });
  return explainAgent(agents[0]!);
}

const textOf = (agent: AgentExplanation): string =>
  wordsOf({ agents: [agent] })
    .map(({ text }) => text)
    .join('\n');

const never = (): never => {
  throw new Error('nothing is built here');
};
const [origins, untils, survivals] = [
  ['rereads', 'sender', 'nobody', 'made'],
  ['taken', 'delivered'],
  ['stop', 'kill', 'power cut'],
] as const;
const ends = ['nothing', 'kill', 'power cut', 'unknown'] as const;

/** Components that promise what their options say. */
const promising = [
  defineSource({
    type: 'from',
    classNames: [],
    summary: 'Is drawn.',
    options: {
      origin: opt.enum(origins, { doc: 'Who has an event.', default: 'made' }),
      until: opt.enum(untils, { doc: 'Until when.', default: 'taken' }),
    },
    promises: ({ origin, until }) => ({ does: 'takes events', origin, until }),
    create: never,
  }),
  defineChannel({
    type: 'over',
    classNames: [],
    summary: 'Is drawn.',
    options: { survives: opt.enum(survivals, { doc: 'What events survive.', default: 'stop' }) },
    promises: ({ survives }) => ({ does: 'holds events', survives, safer: 'use a better one' }),
    create: never,
  }),
  defineSink({
    type: 'to',
    classNames: [],
    summary: 'Is drawn.',
    options: { survives: opt.enum(ends, { doc: 'What events survive there.', default: 'kill' }) },
    promises: ({ survives }) => ({ does: 'hands events on', delivered: 'it is there', survives }),
    create: never,
  }),
  defineSource({ type: 'mute', classNames: [], summary: 'Says nothing.', options: {}, create: never }),
];

const drawnAgent = (origin: string, until: string, held: string, end: string): string => `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.sources.r1.type = from
a1.sources.r1.origin = ${origin}
a1.sources.r1.until = ${until}
a1.sources.r1.channels = c1
a1.channels.c1.type = over
a1.channels.c1.survives = ${held}
a1.sinks.k1.type = to
a1.sinks.k1.survives = ${end}
a1.sinks.k1.channel = c1
`;

describe('what a way of events promises', () => {
  const drawn = fc.tuple(
    fc.constantFrom(...origins),
    fc.constantFrom(...untils),
    fc.constantFrom(...survivals),
    fc.constantFrom(...ends),
  );

  it('follows from who still has an event when a process is killed, or the machine loses power', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async ([origin, until, held, end]) => {
        /** The event was in the channel, or with the sink, as it happened: is it there again afterwards? */
        const comesBack = (what: 'kill' | 'power cut'): boolean => {
          const rank = ['nothing', 'stop', 'kill', 'power cut'];
          const keeps = (survives: string) =>
            survives === 'unknown' || rank.indexOf(survives) >= rank.indexOf(what);
          const before =
            origin !== 'nobody' && (keeps(held) || (origin === 'rereads' && until === 'delivered'));
          return before && keeps(end);
        };
        const { flows } = await explain(drawnAgent(origin, until, held, end), promising);
        const expected = comesBack('power cut')
          ? 'at least once'
          : comesBack('kill')
            ? 'at least once, but for a power cut'
            : 'may be lost';
        expect(flows[0]!.channels[0]!.sinks[0]!.guarantee).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('and what a channel loses is told, with something better', async () => {
    await fc.assert(
      fc.asyncProperty(drawn, async ([origin, until, held, end]) => {
        const { losses } = await explain(drawnAgent(origin, until, held, end), promising);
        const isLost =
          held !== 'power cut' &&
          (origin as Origin) !== 'made' &&
          !(origin === 'rereads' && until === 'delivered');
        const told = losses.filter(({ where }) => where === 'source r1 and channel c1');
        expect(told).toHaveLength(isLost ? 1 : 0);
        if (isLost) expect(told[0]).toMatchObject({ instead: 'use a better one' });
        expect(losses.some(({ where }) => where === 'source r1')).toBe(origin === 'nobody');
      }),
      { numRuns: 300 },
    );
  });

  it('is not known of a component that says nothing, and is said to be', async () => {
    const text = drawnAgent('made', 'taken', 'kill', 'kill').replace('type = from', 'type = mute');
    const agent = await explain(text, promising);
    expect(agent.flows[0]!.channels[0]!.sinks[0]!.guarantee).toBe('not known');
    expect(textOf(agent)).toContain('source r1 (mute) says nothing');
    expect(agent.losses[0]!.text).toContain('it is not known who still has an event');
  });
});

describe("Millrace's own components", () => {
  const kinds = ['source', 'channel', 'sink', 'interceptor', 'selector', 'processor'];
  it.each(
    componentEntries
      .filter(({ kind }) => kinds.includes(kind))
      .map((entry) => [`${entry.kind} ${entry.type ?? entry.classNames[0]}`, entry] as const),
  )('%s says what it promises, in clauses', async (_, entry) => {
    const definition = await entry.load();
    expect('promises' in definition, 'it has to have promises in its spec').toBe(true);
    const agent = await explain(wholeExample(definition.example ?? ''));
    expect(agent.runs).toBe(true);
    const { losses, doubles, order, limits, flows, groups } = agent;
    for (const { text, instead = 'some other' } of [losses, doubles, order, limits].flat()) {
      expect(text).toMatch(/^[^A-Z\s].*[^.]$/s);
      expect(instead).toMatch(/^[a-z].*[^.]$/s);
    }
    for (const { does } of [...flows.flatMap(({ source }) => source ?? []), ...groups]) {
      expect(does).toMatch(/^[a-z].*[^.]$/s);
      expect(does).not.toMatch(/undefined|\[object/);
    }
    for (const { guarantee } of flows.flatMap(({ channels }) => channels.flatMap(({ sinks }) => sinks))) {
      expect(guarantee).not.toBe('not known');
    }
  });
});

describe('an agent', () => {
  const kafka = `a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = org.apache.flume.channel.kafka.KafkaChannel
a1.channels.c1.kafka.bootstrap.servers = k:9092
a1.sinks.k1.type = org.apache.flume.sink.kafka.KafkaSink
a1.sinks.k1.kafka.bootstrap.servers = k:9092
a1.sinks.k1.kafka.topic = out
a1.sinks.k1.kafka.producer.acks = all
a1.sinks.k1.channel = c1
`;

  it('is at least once from a topic to a topic, and exactly once with transactions', async () => {
    const guarantee = async (text: string) =>
      (await explain(text)).flows[0]!.channels[0]!.sinks[0]!.guarantee;
    expect(await guarantee(kafka)).toBe('at least once');
    expect(await guarantee(`${kafka}a1.sinks.k1.kafka.producer.transactional.id = t\n`)).toBe('exactly once');
    expect(await guarantee(kafka.replace('acks = all', 'acks = 1'))).toBe(
      'at least once, but for a power cut',
    );
    expect(await guarantee(kafka.replace('acks = all', 'acks = 0'))).toBe('may be lost');
  });

  it('is told which batches and capacities hold it up', async () => {
    const { limits } = await explain(`a1.sources = r1
a1.channels = c1
a1.sinks = k1 k2
a1.sinkgroups = g1
a1.sources.r1.type = exec
a1.sources.r1.command = x
a1.sources.r1.channels = c1
a1.channels.c1.type = memory
a1.sinks.k1.type = null
a1.sinks.k1.channel = c1
a1.sinks.k2.type = null
a1.sinks.k2.batchSize = 1
a1.sinks.k2.channel = c1
a1.sinkgroups.g1.sinks = k1 k2
a1.sinkgroups.g1.processor.type = load_balance
`);
    expect(limits).toEqual([
      {
        where: 'source r1',
        text: 'it puts at most 20 events at a time (batchSize): a transaction for each',
        instead: 'set batchSize = 100',
      },
      {
        where: 'sink k2',
        text: 'it takes at most one event at a time (batchSize): a transaction for each',
        instead: 'set batchSize = 100',
      },
      {
        where: 'channel c1',
        text: 'it holds 100 events and batches are up to 100: sources and sinks wait for one another',
        instead: 'set capacity = 10000',
      },
      {
        where: 'sinkgroup g1',
        text: 'one of its sinks works at a time: the group is no faster than one sink',
      },
    ]);
  });

  it('that can’t run is said to be one', async () => {
    expect(textOf(await explain('a1.sources = r1\n'))).toBe("agent a1 can't run");
  });
});
