import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { waitFor } from '../../../../testkit/src/process/wait.ts';
import { contextFor } from '../../component/testing/context.ts';
import { TestPuts } from '../../component/testing/driven-source.ts';
import { Deadline } from '../../runtime/deadline.ts';
import { syslogTcpSource } from './tcp-source.ts';

const open: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop();
});

async function listening(properties: Record<string, string | number | boolean> = {}) {
  const context = contextFor(syslogTcpSource, {
    host: '127.0.0.1',
    port: 0,
    ssl: true,
    keystore: certificates.pkcs12,
    'keystore-password': keystorePassword,
    ...properties,
  });
  const puts = new TestPuts();
  const source = syslogTcpSource.create({ ...context, channels: puts });
  open.push({ stop: () => source.stop({ deadline: Deadline.in(0) }) });
  await source.start();
  const port = Number(/:(\d+)$/.exec(context.log.lines.join('\n'))![1]);
  return { port, puts, source, lines: context.log.lines };
}

async function peer(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const ca = readFileSync(certificates.certificate);
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca, ...options });
  open.push({ stop: () => socket.destroy() });
  await once(socket, 'secureConnect');
  return socket.resume();
}

/** What becomes of a handshake: the protocol, or the error. */
async function handshake(port: number, options: ConnectionOptions): Promise<string> {
  try {
    return (await peer(port, options)).getProtocol()!;
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

const message = (text: string): string => `<13>1 - - ${text}\n`;

describe('syslogtcp with ssl', () => {
  it('takes messages of peers that speak TLS, also of one that ends at once', async () => {
    for (const properties of [{}, { keystore: certificates.pem, 'keystore-type': 'PEM' }]) {
      const { port, puts } = await listening(properties);
      (await peer(port)).end(message('a') + message('b'));
      await waitFor('the messages', () => puts.taken.length === 2);
      expect(puts.taken).toEqual(['a', 'b']);
    }
  });

  it('garbage, plain text and silence end their own connection, and the others are served', async () => {
    const { port, puts, source, lines } = await listening({ requestTimeout: 400 });
    const good = await peer(port);
    const bad = [message('plain'), Buffer.alloc(5000, 0x16), Buffer.from('160301ffff01', 'hex'), ''].map(
      (bytes) => {
        const socket = connect(port, '127.0.0.1').resume();
        open.push({ stop: () => socket.destroy() });
        socket.on('error', () => {});
        if (bytes.length > 0) socket.write(bytes);
        return once(socket, 'close');
      },
    );
    await Promise.all(bad);
    good.write(message('good'));
    await waitFor('the good one', () => puts.taken.length === 1);
    expect(puts.taken).toEqual(['good']);
    await waitFor('the bad ones to be gone', () => source.counter!.openConnections === 1);
    expect(lines.filter((line) => line.includes('its TLS handshake failed'))).toHaveLength(1);
  });

  it('speaks what include and exclude leave of protocols and suites', async () => {
    const old = await listening({ 'include-protocols': 'TLSv1 TLSv1.2' });
    expect(await handshake(old.port, {})).toBe('TLSv1.2');
    const fresh = await listening({ 'exclude-protocols': 'TLSv1.2' });
    expect(await handshake(fresh.port, { maxVersion: 'TLSv1.2' })).toBe(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    );
    const one = await listening({
      'include-cipher-suites':
        'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'exclude-cipher-suites': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    });
    expect((await peer(one.port)).getCipher().standardName).toBe('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256');
    expect(await handshake(one.port, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).toContain(
      'HANDSHAKE_FAILURE',
    );
  });

  it('speaks TLS 1.3 with the suites of its own that are left', async () => {
    const { port } = await listening({
      'include-cipher-suites': 'TLS_AES_128_GCM_SHA256 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    });
    expect((await peer(port)).getCipher().standardName).toBe('TLS_AES_128_GCM_SHA256');
    const only = await listening({ 'include-cipher-suites': 'TLS_CHACHA20_POLY1305_SHA256' });
    expect((await peer(only.port)).getCipher().standardName).toBe('TLS_CHACHA20_POLY1305_SHA256');
    expect(await handshake(only.port, { maxVersion: 'TLSv1.2' })).toBe(
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    );
  });

  it('a stop does not wait for handshakes', async () => {
    const { port, source } = await listening();
    const socket = connect(port, '127.0.0.1').resume();
    await waitFor('the peer', () => source.counter!.openConnections === 1);
    await source.stop({ deadline: Deadline.never() });
    if (!socket.destroyed) await once(socket, 'close');
  });
});

describe('what keeps ssl from being had', () => {
  const faults = (properties: Record<string, string | boolean>): string => {
    try {
      contextFor(syslogTcpSource, { port: 1, ssl: true, ...properties });
      return '';
    } catch (error) {
      return String(error);
    }
  };

  it('is told before the start', () => {
    expect(faults({})).toContain('keystore must be specified when SSL is enabled');
    expect(faults({ keystore: 'k' })).toContain('keystore-password must be specified when SSL is enabled');
    expect(faults({ keystore: 'k', 'keystore-type': 'pem' })).toBe('');
    const keystore = { keystore: 'k', 'keystore-password': 'p' };
    expect(faults({ ...keystore, 'keystore-type': 'JCEKS' })).toContain('is none of JKS, PKCS12, PEM');
    expect(faults({ ...keystore, 'include-protocols': 'TLSv1' })).toContain(
      'no protocol is left that could be used, by include-protocols = TLSv1',
    );
    const tls13 = { ...keystore, 'include-protocols': 'TLSv1.3', 'include-cipher-suites': '' };
    expect(faults({ ...tls13, 'exclude-protocols': 'TLSv1.3 a/../b' })).toContain(
      'by include-protocols = TLSv1.3, exclude-protocols = TLSv1.3 a/../b',
    );
    expect(faults({ ...keystore, 'include-cipher-suites': 'X' })).toContain('no cipher suite is left');
    expect(faults({ ...keystore, ssl: 'no' })).toBe('');
  });

  it('names that mean nothing are noted', () => {
    const { options } = contextFor(syslogTcpSource, {
      port: 1,
      ssl: true,
      keystore: 'k',
      'keystore-password': 'p',
      'exclude-protocols': 'TLSv1.1 TLSv13',
    });
    expect(syslogTcpSource.notes?.(options)).toMatchObject([
      { key: 'exclude-protocols', suggestion: 'did you mean TLSv1.3?' },
    ]);
  });
});
