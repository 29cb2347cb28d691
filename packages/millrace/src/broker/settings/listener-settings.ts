import type { ScramMechanism } from '../../protocol/sasl/scram.ts';

export const securityProtocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export type SecurityProtocol = (typeof securityProtocols)[number];

export const serverMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;
export type ServerMechanism = ScramMechanism | 'PLAIN' | 'OAUTHBEARER';

/** One way in: an address to listen on, what is spoken there, and where clients that came by it are told to connect to. */
export interface ListenerSettings {
  /** In capitals; no two have the same. */
  readonly name: string;
  readonly protocol: SecurityProtocol;
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** `advertised.listeners`. Absent: the address that the client connected to. */
  readonly advertised?: { readonly host: string; readonly port: number } | undefined;
  /** SSL and SASL_SSL. */
  readonly tls?: ListenerTls | undefined;
  /** SASL_PLAINTEXT and SASL_SSL. */
  readonly sasl?: ListenerSasl | undefined;
}

/** A file with keys or certificates: PKCS12 or PEM, whichever it is. */
export interface StoreFile {
  readonly path: string;
  readonly password?: string | undefined;
}

export interface ListenerTls {
  /** The broker's key and certificates: a file that is read again when it changes, or PEM. */
  readonly keyStore:
    | StoreFile
    | { readonly certificates: string; readonly key: string; readonly password?: string };
  /** Whose certificates of clients are taken. Absent: those of the program's runtime. */
  readonly trustStore?: StoreFile | { readonly pem: string } | undefined;
  /** `ssl.client.auth` */
  readonly clientAuth: 'none' | 'requested' | 'required';
  /** `ssl.principal.mapping.rules` */
  readonly principalRules: string;
  /** By Java's names; empty: all that are safe. */
  readonly protocols: readonly string[];
  readonly cipherSuites: readonly string[];
}

export interface ListenerSasl {
  readonly mechanisms: readonly ServerMechanism[];
  /** Passwords of PLAIN by user name (`user_NAME="…"` of its login module). */
  readonly plainUsers: Readonly<Record<string, string>>;
  /** How OAUTHBEARER judges tokens. */
  readonly tokens?: TokenRules | undefined;
  /** `connections.max.reauth.ms` of each mechanism (KIP-368); absent or 0: logins have no end. */
  readonly maxReauthMs: Readonly<Partial<Record<ServerMechanism, number>>>;
  /** `sasl.server.max.receive.size`: the largest request before a login. */
  readonly maxReceiveBytes: number;
  /** `connection.failed.authentication.delay.ms` */
  readonly failureDelayMs: number;
}

export interface TokenRules {
  /** `sasl.oauthbearer.jwks.endpoint.url`: `https:` or `file:` */
  readonly keysUrl: string;
  readonly refreshMs: number;
  /** `sasl.oauthbearer.expected.issuer`, `….audience`; absent and empty: any. */
  readonly issuer?: string | undefined;
  readonly audience: readonly string[];
  readonly subjectClaim: string;
  readonly clockSkewMs: number;
}
