/** Who has proven what, and for how long that holds. */
export interface SaslProof {
  readonly username: string;
  /** Unix ms; absent: the credential has no end of its own. */
  readonly expiresAtMs?: number;
}

/** What the server says to one message of the client. */
export interface SaslReply {
  readonly bytes: Buffer;
  /** Null: the exchange goes on. */
  readonly proof: SaslProof | null;
}

/** The server's side of one SASL exchange (RFC 4422), as bytes. */
export interface SaslServer {
  readonly mechanism: string;
  /** Throws `SaslRefusal`; nothing is to be said to the client after it but that. */
  next(message: Buffer): Promise<SaslReply>;
}

/**
 * Why an exchange ends. `message` is for the log of the server and `told` for the client; neither has a password, a
 * token or what was made of them in it, and `told` does not say whether there is such a user.
 */
export class SaslRefusal extends Error {
  readonly told: string | null;
  /** Who it claimed to be, as far as that was said. */
  readonly username: string | null;

  /** `told` null: only that the credentials are invalid. */
  constructor(message: string, told: string | null = null, username: string | null = null) {
    super(message);
    this.told = told;
    this.username = username;
  }
}

/** Of a user name that a peer sends, at most so many characters are taken. */
export const longestName = 1024;
