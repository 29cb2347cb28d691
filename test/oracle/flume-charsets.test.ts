/** The recorded cases of charsets, held to a real Flume 1.11. */
import { expect, it } from 'vitest';
import { execCharsetCases, netcatCharsetCases } from '../golden/charset-cases.ts';
import { charsetConf, netcatAnswers, writtenBodies } from '../support/charset-agent.ts';
import { freePorts } from '../support/free-port.ts';
import { RealFlume } from '../support/real-flume.ts';
import { tempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait.ts';

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
