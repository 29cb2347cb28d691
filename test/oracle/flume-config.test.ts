/** The golden table of configurations, held to a real Flume 1.11: every line that the model logs, it logs, and no other. */
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../packages/millrace/src/agent/configuration/load-config.ts';
import { agentToRun } from '../../packages/millrace/src/agent/model.ts';
import { parsePropertiesText } from '../../packages/millrace/src/config/properties.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { configCases } from '../../packages/testkit/src/flume/config-cases/index.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';

/** Flume's own words about configuration: `WARN FlumeConfiguration - text`. */
const configLine =
  /^\S+ (?:WARN|ERROR) (?:FlumeConfiguration|AbstractConfigurationProvider|FailoverSinkProcessor) - (.*)$/;
/** Said of every agent that has none, which is nearly every agent: left out. */
const noise = /has no configfilters\.$/;
/** Another liberty: there is no Java object to print. */
const wordOf = (text: string) => text.replace(/(that of sink ).*/, '$1');

describe.each(configCases.filter(({ endsFlume }) => !endsFlume).map((each) => [each.id, each] as const))(
  '%s',
  (_, golden) => {
    it('is logged by Flume in the same words', async () => {
      using dir = tempDir('millrace-config-');
      const name = golden.name ?? 'a1';
      const flume = await RealFlume.start({
        conf: golden.text.replaceAll('DIR', dir.path),
        name,
        dir: dir.path,
        readyLine: /Starting new configuration/,
      });
      await flume.kill();
      const output = flume.process.stdout;
      const said = output.split('\n').flatMap((line) => configLine.exec(line)?.[1] ?? []);
      const model = await modelOf(parsePropertiesText(golden.text, 'f'), { env: {} });
      const messages = [...model.messages, ...agentToRun(model, name).messages].filter(
        ({ level }) => level !== 'info',
      );
      const ours = messages.map(({ text }) => wordOf(text));
      for (const line of said.filter((text) => !noise.test(text))) expect(ours).toContain(wordOf(line));
      for (const text of ours) expect(output).toContain(text);
    });
  },
);
