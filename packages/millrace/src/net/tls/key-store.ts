import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { errorText, explainFileError, MillraceError } from '../../runtime/errors.ts';

export interface KeyStore {
  readonly path: string;
  /** Of the file and the key in it; undefined: the key is not encrypted. */
  readonly password: string | undefined;
  /** For messages: `source r1`. */
  readonly component: string;
}

/** More than any certificate with its chain. */
const largestStore = 4 * 1024 * 1024;
const javaMagic = [0xfeedfeed, 0xcececece];

/**
 * The key and certificates of a service, from a PKCS12 file (what Java's keytool writes since Java 9, whatever the
 * file is called) or from PEM with both in one file. Which it is is seen from the bytes, as Java does for these types.
 * Throws `FILE_ACCESS`, or `CONFIG_INVALID` with what to do.
 */
export async function readKeyStore({ path, password, component }: KeyStore): Promise<SecureContextOptions> {
  const bytes = await readStore({ path, password, component });
  if (bytes.length >= 4 && javaMagic.includes(bytes.readUInt32BE(0))) throw javaStore(component, path);
  const secret = password === undefined ? {} : { passphrase: password };
  const isPem = bytes.includes('-----BEGIN ');
  const material = isPem ? { key: bytes, cert: bytes, ...secret } : { pfx: bytes, ...secret };
  try {
    createSecureContext(material);
  } catch (error) {
    throw invalid(component, path, reasonOf(error, isPem), error);
  }
  return material;
}

/** The file's bytes, as far as it can be a store of keys or certificates. Throws as `readKeyStore`. */
export async function readStore({ path, component }: KeyStore): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw explainFileError(error);
  }
  if (bytes.length > largestStore) throw invalid(component, path, 'it is too large for a keystore');
  return bytes;
}

function javaStore(component: string, path: string): MillraceError {
  return new MillraceError('CONFIG_INVALID', `${component}: keystore ${path} is in Java's own format (JKS)`, {
    remedy: `Convert it: keytool -importkeystore -srckeystore ${path} -destkeystore ${path}.p12 -deststoretype PKCS12; then name ${path}.p12 as keystore.`,
    details: { path },
  });
}

function invalid(component: string, path: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('CONFIG_INVALID', `${component}: keystore ${path} can't be used: ${why}`, {
    cause,
    remedy: 'Give a PKCS12 file or a PEM file with key and certificates, and its password.',
    details: { path },
  });
}

/** OpenSSL's messages are for its authors. */
function reasonOf(error: unknown, isPem: boolean): string {
  const text = errorText(error);
  if (/mac verify failure|bad decrypt|bad password|interrupted or cancelled|empty password/i.test(text))
    return 'keystore-password does not open it';
  if (!isPem && /unsupported/i.test(text))
    return 'it is encrypted in a way that is no longer safe; write it anew with keytool of Java 17 (-importkeystore)';
  if (/unsupported|no start line|not enough data|wrong tag|asn1|unable to load pfx/i.test(text))
    return 'it is neither PKCS12 nor PEM with a key and a certificate';
  return text;
}
