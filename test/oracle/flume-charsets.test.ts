/** The recorded cases of charsets, held to a real Flume 1.11. */
import { expect, it } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { charsetConf, netcatAnswers, writtenBodies } from '../../packages/testkit/src/flume/charset-agent.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { execCharsetCases, netcatCharsetCases } from '../golden/charset-cases.ts';

it('Flume makes of bytes in other charsets what is written down', async () => {
  using dir = tempDir('millrace-charsets-');
  const ports = await freePorts(netcatCharsetCases.length);
  await using flume = await RealFlume.start({ conf: charsetConf(dir.path, ports), dir: dir.path });
  const listening = () => flume.process.stdout.match(/Created serverSocket/g)?.length === ports.length;
  await waitFor('all netcat sources', listening);
  expect(await netcatAnswers(ports)).toEqual(
    netcatCharsetCases.map(({ sends }) => sends.map(([, answer]) => answer)),
  );
  const { netcat, exec } = await writtenBodies(dir.path);
  expect(netcat).toEqual(netcatCharsetCases.map(({ bodies }) => bodies));
  expect(exec).toEqual(execCharsetCases.map(({ bodies }) => bodies));
});
