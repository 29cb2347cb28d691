/** Holds the model of each configuration to what Flume 1.11.0 did with it: kept and dropped, log lines, places of findings. */
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../../millrace/src/agent/configuration/load-config.ts';
import { agentToRun } from '../../../../millrace/src/agent/model.ts';
import { parsePropertiesText } from '../../../../millrace/src/config/properties.ts';
import type { ConfigCase } from './config-case.ts';

const load = (text: string, strictTypes = false) =>
  modelOf(parsePropertiesText(text, 'flume.conf'), { env: {}, strictTypes });

export function configGolden(cases: readonly ConfigCase[]): void {
  describe.each(cases.map((each) => [each.id, each] as const))('%s', (_, golden) => {
    const name = golden.name ?? 'a1';

    it('keeps and drops what Flume keeps and drops', async () => {
      const model = await load(golden.text);
      const found = model.agents.find((agent) => agent.name === name);
      const agent = agentToRun(model, name);
      expect(agent.valid).toBe(golden.valid !== false);
      const dropped = (found?.components ?? []).filter(({ status }) => status === 'dropped');
      expect(
        Object.fromEntries(dropped.map(({ kind, name, reason }) => [`${kind} ${name}`, reason])),
      ).toEqual(golden.dropped ?? {});
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

  describe.each(cases.filter(({ endsFlume }) => endsFlume).map((each) => [each.id, each] as const))(
    '%s',
    (_, golden) => {
      it('ends the agent where types are strict, as Flume does', async () => {
        expect(agentToRun(await load(golden.text, true), 'a1').valid).toBe(false);
      });
    },
  );
}
