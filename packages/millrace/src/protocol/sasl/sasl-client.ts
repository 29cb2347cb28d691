import { MillraceError } from '../../runtime/errors.ts';

/** The client's side of one SASL exchange (RFC 4422), as bytes: what goes out, and what is made of what comes. */
export interface SaslClient {
  /** As it is named in SaslHandshake: `SCRAM-SHA-256`. */
  readonly mechanism: string;
  /** What the client says first. */
  first(): Buffer;
  /**
   * What the client says to what the server has said; null: the exchange is over, and the server is who it claims to
   * be as far as the mechanism shows it. Throws `KAFKA_AUTHENTICATION`.
   */
  next(challenge: Buffer): Promise<Buffer | null>;
}

/** What ends an exchange. Never has a password, a token or what was made of them in its text. */
export function saslFailure(mechanism: string, why: string, remedy?: string): MillraceError {
  return new MillraceError(
    'KAFKA_AUTHENTICATION',
    `${mechanism}: ${why}`,
    remedy === undefined ? {} : { remedy },
  );
}

/** What a peer says, for a message: one line, and not too much of it. */
export const readable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
