/**
 * Java's own keystore format (JKS), of which certificates can be read without the password:
 *
 * ```
 * magic int32 (0xfeedfeed), version int32 (1 or 2), count int32
 * entry * count: tag int32 (1: a key, 2: a certificate to trust), alias, created int64, then
 *   of 1: key, chain int32 count * certificate         of 2: certificate
 * certificate: type (version 2), bytes; alias and type are an int16 length and text, key and bytes an int32 length
 * ```
 */
const magic = 0xfeedfeed;
const trustedTag = 2;
const keyTag = 1;

/** Whether bytes are a keystore in Java's own format. */
export function isJavaStore(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === magic;
}

/** The certificates to trust, in DER. Throws where the file is cut or is none. */
export function javaStoreCertificates(bytes: Buffer): Buffer[] {
  const certificates: Buffer[] = [];
  let at = 4;
  const int = (): number => {
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw new RangeError('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const text = (): Buffer => {
    at += 2;
    return take(bytes.readUInt16BE(at - 2));
  };
  const version = int();
  const certificate = (): Buffer => {
    if (version > 1) text();
    return take(int());
  };
  for (let left = int(); left > 0; left--) {
    const tag = int();
    text();
    take(8);
    if (tag === trustedTag) certificates.push(certificate());
    else if (tag === keyTag) {
      take(int());
      for (let chain = int(); chain > 0; chain--) certificate();
    } else throw new RangeError(`it has an entry of an unknown kind (${tag})`);
  }
  return certificates;
}
