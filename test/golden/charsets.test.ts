import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { parsePropertiesText } from '../../packages/millrace/src/config/properties.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { charsetConf, netcatAnswers, writtenBodies } from '../../packages/testkit/src/flume/charset-agent.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { execCharsetCases, netcatCharsetCases } from './charset-cases.ts';

it('netcat and exec read, answer and write in other charsets as Flume does', async () => {
  using dir = tempDir();
  const ports = await freePorts(netcatCharsetCases.length);
  const text = charsetConf(dir.path, ports);
  expect(parsePropertiesText(text, 'f').diagnostics).toEqual([]);
  writeFileSync(dir.join('flume.conf'), text);
  await using agent = await Agent.fromFile(dir.join('flume.conf'), 'a1', { reloadIntervalMs: 0 });
  await agent.start();
  expect(agent.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(await netcatAnswers(ports)).toEqual(
    netcatCharsetCases.map(({ sends }) => sends.map(([, answer]) => answer)),
  );
  const { netcat, exec } = await writtenBodies(dir.path);
  expect(named(netcatCharsetCases, netcat)).toEqual(named(netcatCharsetCases));
  expect(named(execCharsetCases, exec)).toEqual(named(execCharsetCases));
});

/** Bodies with the charset that they are of, so that a difference tells which it is. */
function named(
  cases: readonly { readonly encoding?: string; readonly charset?: string; readonly bodies: string }[],
  bodies: readonly string[] = cases.map((each) => each.bodies),
): string[] {
  return cases.map(({ encoding, charset }, i) => `${encoding ?? charset}: ${bodies[i]}`);
}
