/** A key and a certificate for `localhost` and 127.0.0.1, good for a hundred years, in several kinds of files. */
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'certificates');
/** Of every file that has one. */
export const keystorePassword = 'correct-horse';

export const certificates = {
  /** The certificate alone, for clients. */
  certificate: join(folder, 'cert.pem'),
  pem: join(folder, 'server.pem'),
  encryptedPem: join(folder, 'server-encrypted.pem'),
  pkcs12: join(folder, 'server.p12'),
  /** As Java 8 wrote it: RC2 with 40 bits. */
  oldPkcs12: join(folder, 'server-rc2.p12'),
};
