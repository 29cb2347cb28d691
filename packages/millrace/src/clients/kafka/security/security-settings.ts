import type { Secret } from '../../../config/secret.ts';
import type { TlsRestrictions } from '../../../net/tls/restrictions.ts';

/** `security.protocol`, as far as it is more than plain text; what is secret in it shows as `***`. */
export interface SecuritySettings {
  /** SSL and SASL_SSL. */
  readonly tls?: TlsSettings;
  /** SASL_PLAINTEXT and SASL_SSL. */
  readonly sasl?: SaslSettings;
}

/** A file (`ssl.truststore.location`), or PEM that stands in the property itself (KIP-651). */
export type StorePlace =
  | { readonly path: string; readonly password: Secret | undefined }
  | { readonly pem: string };

export interface TlsSettings {
  /** Absent: the certificates that come with the program's runtime. */
  readonly trustStore?: StorePlace;
  /** The client's own certificate, where brokers ask for one. */
  readonly keyStore?: StorePlace | { readonly certificates: string; readonly key: Secret };
  readonly keyPassword?: Secret;
  /** `ssl.endpoint.identification.algorithm`: whether the certificate has to be for the broker's host (yes). */
  readonly checkHostName: boolean;
  readonly restrictions: TlsRestrictions;
}

export type SaslMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';

export interface SaslSettings {
  readonly mechanism: SaslMechanism;
  /** `sasl.jaas.config`, or a file with a section `KafkaClient`; read when a connection is made. */
  readonly jaas: { readonly text: Secret } | { readonly path: string } | null;
  readonly tokens: TokenSettings;
}

/** How OAUTHBEARER comes to a token (KIP-768, KIP-1139). */
export interface TokenSettings {
  /** `https:` to ask for one with client id and secret; `file:` to read one. */
  readonly endpoint?: string;
  readonly clientId?: string;
  readonly clientSecret?: Secret;
  readonly scope?: string;
  /** `sasl.login.connect.timeout.ms`, `sasl.login.read.timeout.ms` */
  readonly timeoutMs: number;
  /** Of the token's life, how much may pass before a new one is asked for (`sasl.login.refresh.window.factor`). */
  readonly refreshAt: number;
}
