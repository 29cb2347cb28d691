import type { DialTls } from '../../../net/dial.ts';
import type { SaslClient } from '../../../protocol/sasl/sasl-client.ts';
import type { HttpTls } from '../../http/http-client.ts';
import { BearerTokens } from './bearer-tokens.ts';
import { saslClientOf } from './sasl-login.ts';
import type { SecuritySettings } from './security-settings.ts';
import { tlsMaterial } from './tls-material.ts';

/** What all connections of one client share of `security.protocol`. */
export class Security {
  readonly #settings: SecuritySettings;
  readonly #tokens: BearerTokens | null;

  constructor(settings: SecuritySettings) {
    this.#settings = settings;
    const { sasl, tls } = settings;
    const forTokens = async (): Promise<HttpTls | undefined> =>
      tls === undefined ? undefined : ((await tlsMaterial(tls)) as HttpTls);
    this.#tokens = sasl?.mechanism === 'OAUTHBEARER' ? new BearerTokens(sasl.tokens, forTokens) : null;
  }

  /** Null: plain text. Throws as `tlsMaterial`. */
  async tls(): Promise<DialTls | null> {
    const { tls } = this.#settings;
    return tls === undefined ? null : { ...(await tlsMaterial(tls)), checkHostName: tls.checkHostName };
  }

  get hasSasl(): boolean {
    return this.#settings.sasl !== undefined;
  }

  /** An exchange for one connection, or for another one on it. Throws `KAFKA_AUTHENTICATION`. */
  exchange(): Promise<SaslClient> {
    const tokens = this.#tokens;
    return saslClientOf(this.#settings.sasl!, (entry) => tokens!.current(entry));
  }

  /** A broker has refused what was said: nothing of it is kept. */
  refused(): void {
    this.#tokens?.forget();
  }
}
