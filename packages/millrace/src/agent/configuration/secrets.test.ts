import { writeFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { testIo } from '../../../../testkit/src/process/test-io.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { run as check } from '../../cli/check.ts';
import { recordingLogger } from '../../component/testing/context.ts';
import type { Secret } from '../../config/secret.ts';
import { Agent } from '../agent.ts';
import { loadConfiguration } from './load-config.ts';

const password = 'tiger-in-the-tank';

/** A source with TLS whose keystore is none, so that its start fails over and over. */
function conf(keystore: string, port: number, more = ''): string {
  return `a1.sources = r1
a1.channels = c1
a1.sinks = k1
a1.channels.c1.type = memory
a1.sinks.k1.type = logger
a1.sinks.k1.channel = c1
a1.sources.r1.channels = c1
a1.sources.r1.type = syslogtcp
a1.sources.r1.host = 127.0.0.1
a1.sources.r1.port = ${port}
a1.sources.r1.ssl = true
a1.sources.r1.keystore = ${keystore}
${more}`;
}

describe('a password', () => {
  it('is in no output of check, in no model, no log and no error, and yet known to who needs it', async () => {
    using dir = tempDir();
    const [file, keystore] = [dir.join('f.conf'), dir.join('keystore')];
    writeFileSync(keystore, 'no keystore');
    // With what makes findings, also about the password itself.
    const lines = `a1.sources.r1.keystore-password = ${password}\na1.sources.r1.keystore-password = ${password} # x\na1.sources.r1.keystore-pasword = ${password}\na1.sources.r1.keystorePassword = ${password}\n`;
    writeFileSync(file, conf(keystore, await freePort(), lines));
    const shown: string[] = [];
    for (const more of [[], ['--json']]) {
      const { io, stdout, stderr } = testIo();
      await check(['-f', file, ...more], io);
      shown.push(stdout(), stderr());
    }
    const model = await loadConfiguration([file]);
    const log = recordingLogger();
    await using agent = await Agent.fromFile(file, 'a1', { log, reloadIntervalMs: 0, drainMs: 0 });
    await agent.start();
    await waitFor('the failed start', () =>
      log.lines.some((line) => line.includes('neither PKCS12 nor PEM')),
    );
    const everything = { model, agent: agent.model, state: agent.state(), counters: agent.counters() };
    shown.push(
      ...log.lines,
      JSON.stringify(everything),
      inspect(everything, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
      inspect(agent, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    );
    expect(shown.join('\n')).toContain('keystore-pas');
    expect(shown.filter((text) => text.includes('tiger'))).toEqual([]);
    const { tls } = model.agents[0]!.sources[0]!.options as { tls: { 'keystore-password': Secret } };
    expect(tls['keystore-password'].reveal()).toBe(`${password} # x`);
    expect(`${tls['keystore-password']}`).toBe('***');
  });
});

describe('TLS settings of the whole process', () => {
  const tlsOf = async (
    more: string,
    settings: { env?: Record<string, string>; systemProperties?: ReadonlyMap<string, string> },
  ) => {
    using dir = tempDir();
    const file = dir.join('f.conf');
    writeFileSync(file, conf('', 1, more));
    const model = await loadConfiguration([file], settings);
    expect(inspect(model, { depth: Number.POSITIVE_INFINITY })).not.toContain('from-');
    const [source] = model.agents[0]!.sources;
    const { tls } = source!.options as { tls: Record<string, unknown> & { 'keystore-password'?: Secret } };
    return { ...tls, 'keystore-password': tls['keystore-password']?.reveal() };
  };
  const env = {
    FLUME_SSL_KEYSTORE_PATH: '/env.p12',
    FLUME_SSL_KEYSTORE_PASSWORD: 'from-env',
    FLUME_SSL_KEYSTORE_TYPE: 'PKCS12',
    FLUME_SSL_EXCLUDE_PROTOCOLS: 'TLSv1,TLSv1.1',
    FLUME_SSL_INCLUDE_CIPHERSUITES: 'TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384',
  };

  it('stand for what a component does not say: its own first, then -D, then the environment', async () => {
    expect(await tlsOf('', { env })).toMatchObject({
      keystore: '/env.p12',
      'keystore-password': 'from-env',
      'keystore-type': 'PKCS12',
      'exclude-protocols': ['TLSv1', 'TLSv1.1'],
      'include-cipher-suites': ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
    });
    const systemProperties = new Map([
      ['javax.net.ssl.keyStorePassword', 'from-D'],
      ['javax.net.ssl.keyStore', '/d.p12'],
    ]);
    expect(await tlsOf('', { env, systemProperties })).toMatchObject({
      keystore: '/d.p12',
      'keystore-password': 'from-D',
    });
    const own = 'a1.sources.r1.keystore-password = own\na1.sources.r1.exclude-protocols = TLSv1.2\n';
    expect(await tlsOf(own, { env, systemProperties })).toMatchObject({
      'keystore-password': 'own',
      'exclude-protocols': ['TLSv1.2'],
    });
  });

  it('turn nothing on', async () => {
    const tls = await tlsOf('a1.sources.r1.ssl = false\n', { env });
    expect(tls).toMatchObject({ ssl: false, keystore: '/env.p12' });
  });
});
