import { describe, expect, it } from 'vitest';
import { modelOf } from '../../packages/millrace/src/agent/configuration/load-config.ts';
import { agentToRun } from '../../packages/millrace/src/agent/model.ts';
import {
  mergePropertySets,
  parseProperties,
  parsePropertiesText,
} from '../../packages/millrace/src/config/properties.ts';
import { configCases } from './config-cases.ts';

const load = (text: string, strictTypes = false) =>
  modelOf(parsePropertiesText(text, 'flume.conf'), { env: {}, strictTypes });

describe.each(configCases.map((each) => [each.id, each] as const))('%s', (_, golden) => {
  const name = golden.name ?? 'a1';

  it('keeps and drops what Flume keeps and drops', async () => {
    const model = await load(golden.text);
    const found = model.agents.find((agent) => agent.name === name);
    const agent = agentToRun(model, name);
    expect(agent.valid).toBe(golden.valid !== false);
    const dropped = (found?.components ?? []).filter(({ status }) => status === 'dropped');
    expect(Object.fromEntries(dropped.map(({ kind, name, reason }) => [`${kind} ${name}`, reason]))).toEqual(
      golden.dropped ?? {},
    );
    const kept = agent.components
      .filter(({ status }) => status === 'kept')
      .map(({ kind, name }) => `${kind} ${name}`);
    expect([
      ...agent.channels.map(({ name }) => `channel ${name}`),
      ...agent.sources.flatMap(({ name, interceptors }) => [
        `source ${name}`,
        ...interceptors.map((interceptor) => `interceptor ${name}.${interceptor.name}`),
      ]),
      ...agent.sinks.map(({ name }) => `sink ${name}`),
      ...agent.groups.map(({ name }) => `sinkgroup ${name}`),
    ]).toEqual(kept);
  });

  it('logs what Flume logs', async () => {
    const model = await load(golden.text);
    const messages = [...model.messages, ...agentToRun(model, name).messages];
    expect(messages.filter(({ level }) => level !== 'info').map(({ text }) => text)).toEqual(
      golden.log ?? [],
    );
  });

  it('says where, and what to write instead', async () => {
    const { diagnostics } = await load(golden.text);
    expect(
      diagnostics.map(({ line, column, severity, code }) => `${line}:${column} ${severity} ${code}`),
    ).toEqual(golden.findings ?? []);
    expect(diagnostics.every(({ file }) => file === 'flume.conf')).toBe(true);
    const suggestions = diagnostics.map(({ suggestion }) => suggestion).join('\n');
    for (const suggestion of golden.suggestions ?? []) expect(suggestions).toContain(suggestion);
  });
});

describe.each(configCases.filter(({ endsFlume }) => endsFlume).map((each) => [each.id, each] as const))(
  '%s',
  (_, golden) => {
    it('ends the agent where types are strict, as Flume does', async () => {
      expect(agentToRun(await load(golden.text, true), 'a1').valid).toBe(false);
    });
  },
);

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
