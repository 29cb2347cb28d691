import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { readKeyStore } from './key-store.ts';

const read = (path: string, password: string | undefined = keystorePassword) =>
  readKeyStore({ path, password, component: 'source r1' });

describe('keystores', () => {
  it('are read as what they are', async () => {
    expect(await read(certificates.pkcs12)).toHaveProperty('pfx');
    expect(await read(certificates.encryptedPem)).toHaveProperty('key');
    expect(
      await readKeyStore({ path: certificates.pem, password: undefined, component: 'c' }),
    ).toHaveProperty('cert');
  });

  it('in the format of old Java are refused with the command that converts them', async () => {
    using dir = tempDir();
    const path = dir.join('keystore.jks');
    writeFileSync(path, Buffer.from('feedfeed00000002', 'hex'));
    await expect(read(path)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `source r1: keystore ${path} is in Java's own format (JKS)`,
      remedy: expect.stringContaining(
        `keytool -importkeystore -srckeystore ${path} -destkeystore ${path}.p12`,
      ),
    });
  });

  it('that can not be used are told with the reason, never with the password', async () => {
    using dir = tempDir();
    const garbage = dir.join('garbage');
    writeFileSync(garbage, 'no keystore at all');
    const faults: [path: string, password: string, why: string][] = [
      [certificates.pkcs12, 'wrong-staple', 'keystore-password does not open it'],
      [certificates.encryptedPem, 'wrong-staple', 'keystore-password does not open it'],
      [certificates.oldPkcs12, keystorePassword, 'no longer safe'],
      [certificates.certificate, keystorePassword, 'neither PKCS12 nor PEM'],
      [garbage, keystorePassword, 'neither PKCS12 nor PEM'],
      [dir.join('none'), keystorePassword, 'there is no such file'],
    ];
    for (const [path, password, why] of faults) {
      const error = await read(path, password).catch((thrown: unknown) => thrown);
      expect(error, path).toMatchObject({ message: expect.stringContaining(why) });
      expect(JSON.stringify(error)).not.toContain(password);
    }
  });
});
