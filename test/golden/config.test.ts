import { describe, expect, it } from 'vitest';
import { modelOf } from '../../packages/millrace/src/agent/configuration/load-config.ts';
import { agentToRun } from '../../packages/millrace/src/agent/model.ts';
import {
  mergePropertySets,
  parseProperties,
  parsePropertiesText,
} from '../../packages/millrace/src/config/properties.ts';
import { configGolden } from '../../packages/testkit/src/flume/config-cases/config-golden.ts';
import { connectionsCases } from '../../packages/testkit/src/flume/config-cases/connections.ts';
import { configCases } from '../../packages/testkit/src/flume/config-cases/index.ts';
import { languageCases } from '../../packages/testkit/src/flume/config-cases/language.ts';
import { typesCases } from '../../packages/testkit/src/flume/config-cases/types.ts';

const load = (text: string) => modelOf(parsePropertiesText(text, 'flume.conf'), { env: {} });

// What is no component's own; the others stand beside their components.
configGolden([...languageCases, ...typesCases, ...connectionsCases]);

describe('B20 what a value may hold', () => {
  const value = (bytes: Buffer) => parseProperties(bytes, 'f').properties.get('a1.x.y.z')?.value;

  it('\\u00e9, and a backslash at the end of a line', () => {
    expect(value(Buffer.from('a1.x.y.z = \\u00e9'))).toBe('é');
    expect(value(Buffer.from('a1.x.y.z = a\\\\d b\\\n   d \\\n  cont'))).toBe('a\\d bd cont');
  });

  it('raw UTF-8 stays whole, where Flume reads two characters of ISO-8859-1', () => {
    expect(value(Buffer.from('a1.x.y.z = é'))).toBe('é');
  });
});

describe('B21 several files', () => {
  it('a later one overrides', async () => {
    const [first] = configCases.filter(({ id }) => id.startsWith('B6'));
    const one = parsePropertiesText(first!.text, '1.conf');
    const two = parsePropertiesText('a1.sources.r1.batchSize = 9\n', '2.conf');
    const model = await modelOf(mergePropertySets([one, two]), { env: {} });
    expect(agentToRun(model, 'a1').sources[0]?.options.batchSize).toBe(9);
  });
});

describe('substitution, seen in the model', () => {
  it('resolves, leaves alone, and never shows what the environment holds', async () => {
    const [first] = configCases.filter(({ id }) => id.startsWith('A3 aliases'));
    const text = `${first!.text}a1.sources.r1.totalEvents = \${env:MILLRACE_SECRET}\na1.sources.r1.batchSize = \${sys:n}\n`;
    const model = await modelOf(parsePropertiesText(text, 'f'), {
      env: { MILLRACE_SECRET: 'hunter2' },
      systemProperties: new Map([['n', '5']]),
    });
    expect(model.diagnostics.map(({ code }) => code)).toEqual(['bad-number']);
    expect(JSON.stringify([model.diagnostics, model.messages, model.agents[0]?.messages])).not.toContain(
      'hunter2',
    );
    const good = await modelOf(parsePropertiesText(text, 'f'), {
      env: { MILLRACE_SECRET: '7' },
      systemProperties: new Map([['n', '5']]),
    });
    expect(agentToRun(good, 'a1').sources[0]?.options).toMatchObject({ totalEvents: 7, batchSize: 5 });
  });
});

describe('a sink that falls out of its group while it is built', () => {
  it('leaves the group to the others, where Flume 1.11 runs nothing (seen: `sinkRunners:{} channels:{}`)', async () => {
    const [group] = configCases.filter(({ id }) => id.startsWith('failover with numbers'));
    const agent = agentToRun(await load(`${group!.text}a1.sinks.k2.batchSize = 101\n`), 'a1');
    expect(agent.groups).toMatchObject([{ name: 'g1', sinks: ['k1'] }]);
    expect(agent.sinks.map(({ name }) => name)).toEqual(['k1']);
    expect(agent.diagnostics.filter(({ code }) => code === 'sink-left-out')).toMatchObject([
      { line: 12, column: 26 },
    ]);
  });
});
