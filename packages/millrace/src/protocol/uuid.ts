/** Kafka's UUIDs in the form Kafka itself shows them: 22 characters of base64url, without padding. */
import { randomBytes } from 'node:crypto';

/** The UUID of zeros: "no topic id". */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** What Kafka uses for the metadata topic (Kafka's `Uuid.METADATA_TOPIC_ID`); never given to an ordinary topic. */
export const METADATA_TOPIC_UUID = 'AAAAAAAAAAAAAAAAAAAAAQ';

const uuidPattern = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** Whether the text is 16 bytes of base64url, written the one canonical way. */
export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

/** A random (version 4) UUID that is not reserved and does not begin with `-`, so that it can stand on a command line. */
export function randomUuid(): string {
  for (;;) {
    const bytes = randomBytes(16);
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const text = bytes.toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}
