import { createSecureContext } from 'node:tls';
import { MillraceError } from '../../runtime/errors.ts';
import { isJavaStore, javaStoreCertificates } from './java-store.ts';
import { type KeyStore, readStore } from './key-store.ts';

/** Loaded when the first PKCS12 file is read. */
type Forge = typeof import('node-forge');

/**
 * The certificates that a client trusts, as PEM: of a PKCS12 file (what Java's keytool writes since Java 9, whatever the
 * file is called), of a file in Java's own older format, or of PEM. Which it is is seen from the bytes. Throws
 * `FILE_ACCESS`, or `CONFIG_INVALID` with what to do.
 */
export async function readTrustStore(store: KeyStore): Promise<string[]> {
  const bytes = await readStore(store);
  try {
    const certificates = await certificatesOf(bytes, store.password);
    if (certificates.length === 0) throw new Error('it has no certificate in it');
    createSecureContext({ ca: certificates });
    return certificates;
  } catch (error) {
    const { component, path } = store;
    throw new MillraceError(
      'CONFIG_INVALID',
      `${component}: truststore ${path} can't be used: ${reasonOf(error)}`,
      {
        cause: error,
        remedy: 'Give a PKCS12, JKS or PEM file with the certificates to trust, and its password.',
        details: { path },
      },
    );
  }
}

async function certificatesOf(bytes: Buffer, password: string | undefined): Promise<string[]> {
  if (isJavaStore(bytes)) return javaStoreCertificates(bytes).map(pemOf);
  if (bytes.includes('-----BEGIN ')) return [bytes.toString('latin1')];
  // What Java trusts has no key beside it, and Node's `pfx` wants one.
  const { default: forge } = (await import('node-forge')) as { default: Forge };
  const store = forge.pkcs12.pkcs12FromAsn1(
    forge.asn1.fromDer(forge.util.createBuffer(bytes.toString('latin1'), 'raw')),
    false,
    password ?? '',
  );
  const type = forge.pki.oids.certBag!;
  const bags = store.getBags({ bagType: type })[type] ?? [];
  return bags.map(({ cert, asn1 }) =>
    pemOf(
      Buffer.from(
        forge.asn1.toDer(cert == null ? asn1 : forge.pki.certificateToAsn1(cert)).getBytes(),
        'latin1',
      ),
    ),
  );
}

function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** Messages of the library are for its authors. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/MAC could not be verified|Invalid password/i.test(text)) return 'truststore-password does not open it';
  if (/ASN\.1|DER|PFX|bytes to parse|parse/i.test(text)) return 'it is neither PKCS12, JKS nor PEM';
  return text;
}
