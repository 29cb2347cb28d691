import { apiVersionsKey } from '../../protocol/api.ts';
import { messages } from '../../protocol/messages.ts';
import { type SaslProof, SaslRefusal, type SaslServer } from '../../protocol/sasl/sasl-server.ts';
import { pause } from '../../runtime/timers.ts';
import { ErrorCode } from '../core/error-code.ts';
import type { ListenerSasl, ServerMechanism } from '../settings/listener-settings.ts';
import { anonymous, type Principal } from './access.ts';
import type { SaslServers } from './sasl-servers.ts';

const handshakeKey = messages.saslHandshake.apiKey;
const authenticateKey = messages.saslAuthenticate.apiKey;
/** A client that logs in anew more often than this is told that it does not have to (`KafkaChannel`). */
const leastReauthMs = 1000;

export interface HandshakeAnswer {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

export interface AuthenticateAnswer {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly authBytes: Buffer;
  readonly sessionLifetimeMs: number;
}

/** What became of an exchange, for the log. */
export interface LoginOutcome {
  readonly ok: boolean;
  readonly mechanism: string;
  /** The principal, or who it claimed to be. */
  readonly who: string | null;
  /** Why it was refused; no secret is in it. */
  readonly why?: string;
  readonly again: boolean;
}

/** Who a connection is of. */
export interface Login {
  readonly principal: Principal;
  /** It has been refused: once the answer is sent, the connection ends. */
  readonly hasFailed: boolean;
  /** What comes next is a message of SASL without the header of a request (SaslHandshake version 0). */
  readonly takesRawTokens: boolean;
  /** Whether it has yet to say who it is: until then only small requests are taken. */
  readonly isPending: boolean;
  /** Null, or why a request of this kind ends the connection. */
  fault(apiKey: number, nowMs: number): string | null;
  handshake(mechanism: string, version: number): HandshakeAnswer;
  authenticate(bytes: Buffer, version: number): Promise<AuthenticateAnswer>;
}

/** Of a listener without SASL: who the client is has been settled before, by its certificate or not at all. */
export class SettledLogin implements Login {
  readonly principal: Principal;
  readonly hasFailed = false;
  readonly takesRawTokens = false;
  readonly isPending = false;

  constructor(principal: Principal) {
    this.principal = principal;
  }

  fault(): null {
    return null;
  }

  handshake(): HandshakeAnswer {
    return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] };
  }

  authenticate(): Promise<AuthenticateAnswer> {
    return Promise.resolve(illegalState);
  }
}

const illegalState: AuthenticateAnswer = {
  errorCode: ErrorCode.ILLEGAL_SASL_STATE,
  errorMessage: 'SaslAuthenticate request received after successful authentication',
  authBytes: Buffer.alloc(0),
  sessionLifetimeMs: 0,
};

/**
 * The login of one connection by SASL: handshake, exchange, and both again before it expires (KIP-368). Rules after
 * Kafka's `SaslServerAuthenticator`: until it is done nothing but these and ApiVersions is answered, a principal does
 * not change, and whoever is refused is told so a little later, and then let go.
 */
export class SaslLogin implements Login {
  readonly #settings: ListenerSasl;
  readonly #servers: SaslServers;
  readonly #done: (outcome: LoginOutcome) => void;
  #state: 'begin' | 'exchange' | 'open' | 'failed' = 'begin';
  #server: SaslServer | null = null;
  #mechanism: ServerMechanism | null = null;
  /** That this connection was let in with. */
  #provenBy: ServerMechanism | null = null;
  #badMechanism: string | null = null;
  #expiresAtMs = Number.POSITIVE_INFINITY;
  #openedAtMs = 0;
  principal: Principal = anonymous;
  takesRawTokens = false;

  constructor(settings: ListenerSasl, servers: SaslServers, done: (outcome: LoginOutcome) => void) {
    this.#settings = settings;
    this.#servers = servers;
    this.#done = done;
  }

  get hasFailed(): boolean {
    return this.#state === 'failed';
  }

  get isPending(): boolean {
    return this.#provenBy === null;
  }

  fault(apiKey: number, nowMs: number): string | null {
    switch (this.#state) {
      case 'begin':
        if (apiKey === handshakeKey || apiKey === apiVersionsKey) return null;
        return 'it has not logged in (SASL)';
      case 'exchange':
        return apiKey === authenticateKey ? null : 'it is in the middle of its login (SASL)';
      case 'failed':
        return 'its login was refused';
      case 'open':
        if (nowMs < this.#expiresAtMs || apiKey === handshakeKey) return null;
        return 'its login has expired, and it did not log in anew';
    }
  }

  handshake(word: string, version: number): HandshakeAnswer {
    const { mechanisms } = this.#settings;
    const now = performance.now();
    if (this.#state === 'exchange' || (this.#state === 'open' && now - this.#openedAtMs < leastReauthMs))
      return { errorCode: ErrorCode.ILLEGAL_SASL_STATE, mechanisms: [] };
    const mechanism = mechanisms.find((each) => each === word);
    if (mechanism === undefined) {
      this.#fail(`the mechanism ${JSON.stringify(word.slice(0, 100))} is not enabled`, null);
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms };
    }
    if (this.#provenBy !== null && mechanism !== this.#provenBy) {
      this.#badMechanism = `SASL mechanism '${mechanism}' requested by client is not supported for re-authentication of mechanism '${this.#provenBy}'`;
    }
    this.#mechanism = mechanism;
    this.#server = this.#servers(mechanism);
    this.takesRawTokens = version === 0;
    this.#state = 'exchange';
    return { errorCode: ErrorCode.NONE, mechanisms };
  }

  async authenticate(bytes: Buffer, version: number): Promise<AuthenticateAnswer> {
    const server = this.#server;
    if (this.#state !== 'exchange' || server === null) return illegalState;
    const again = this.#provenBy !== null;
    try {
      if (this.#badMechanism !== null) throw new SaslRefusal(this.#badMechanism, this.#badMechanism);
      const { bytes: authBytes, proof } = await server.next(bytes);
      const sessionLifetimeMs = proof === null ? 0 : this.#open(proof, again);
      return {
        errorCode: ErrorCode.NONE,
        errorMessage: null,
        authBytes,
        sessionLifetimeMs: version >= 1 ? sessionLifetimeMs : 0,
      };
    } catch (error) {
      if (!(error instanceof SaslRefusal)) throw error;
      this.#fail(error.message, error.username);
      await pause(this.#settings.failureDelayMs);
      const what = again ? 're-authentication' : 'authentication';
      const errorMessage =
        error.told ??
        `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${server.mechanism}`;
      return { ...illegalState, errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED, errorMessage };
    }
  }

  /** Gives the life of the session in ms; 0: without end. */
  #open({ username, expiresAtMs }: SaslProof, again: boolean): number {
    const principal: Principal = `User:${username}`;
    if (again && principal !== this.principal) {
      const why = `Cannot change principals during re-authentication from ${dotted(this.principal)}: ${dotted(principal)}`;
      throw new SaslRefusal(why, why, username);
    }
    const mechanism = this.#mechanism!;
    const { [mechanism]: maxReauthMs = 0 } = this.#settings.maxReauthMs;
    const ownMs =
      expiresAtMs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, expiresAtMs - Date.now());
    const lifeMs = Math.min(maxReauthMs > 0 ? maxReauthMs : Number.POSITIVE_INFINITY, ownMs);
    this.#openedAtMs = performance.now();
    this.#expiresAtMs = this.#openedAtMs + lifeMs;
    this.principal = principal;
    this.#provenBy = mechanism;
    this.#server = null;
    this.takesRawTokens = false;
    this.#state = 'open';
    this.#done({ ok: true, mechanism, who: principal, again });
    return Number.isFinite(lifeMs) ? Math.max(1, Math.floor(lifeMs)) : 0;
  }

  #fail(why: string, who: string | null): void {
    const mechanism = this.#mechanism ?? 'SASL';
    this.#state = 'failed';
    this.#server = null;
    this.#done({ ok: false, mechanism, who, why, again: this.#provenBy !== null });
  }
}

const dotted = (principal: Principal): string => principal.replace(':', '.');
