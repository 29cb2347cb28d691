import { readFileSync } from 'node:fs';
import { createServer } from 'node:tls';
import { expect, it } from 'vitest';
import { certificates } from '../../../../testkit/src/net/certificates.ts';
import { Connection } from './connection.ts';
import { Security } from './security/security.ts';

it('a certificate has to be for the host, unless that is not to be looked at', async () => {
  const pem = readFileSync(certificates.pem);
  const server = createServer({ key: pem, cert: pem }, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
  });
  // The certificate is for 127.0.0.1 and localhost.
  const host = '127.0.0.2';
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };
  const open = (checkHostName: boolean) =>
    Connection.open({
      ...{ host, port, clientId: 'c', maxResponseBytes: 1000 },
      ...{ connectTimeoutMs: 10_000, requestTimeoutMs: 10_000 },
      security: new Security({
        tls: {
          trustStore: { path: certificates.certificate, password: undefined },
          checkHostName,
          restrictions: { includeProtocols: [], excludeProtocols: [], includeSuites: [], excludeSuites: [] },
        },
      }),
    });
  try {
    await expect(open(true)).rejects.toMatchObject({ message: expect.stringContaining('not in the cert') });
    await expect(open(false)).rejects.toMatchObject({
      message: expect.stringContaining('the broker closed'),
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
