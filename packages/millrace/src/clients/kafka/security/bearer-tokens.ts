import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readable, saslFailure } from '../../../protocol/sasl/sasl-client.ts';
import { errorText, explainFileError } from '../../../runtime/errors.ts';
import { HttpClient, type HttpTls } from '../../http/http-client.ts';
import type { JaasEntry } from './jaas.ts';
import type { TokenSettings } from './security-settings.ts';

interface Token {
  readonly text: string;
  /** As `Date.now()` counts; after that a new one is asked for. */
  readonly freshUntil: number;
}

const mechanism = 'OAUTHBEARER';
const mostTokenBytes = 1024 * 1024;
/** Where a token says nothing of its life. */
const unknownLifeMs = 60_000;

/**
 * Where OAUTHBEARER gets its tokens from, as Kafka's `OAuthBearerLoginCallbackHandler` does: of an endpoint, by the
 * client credentials grant (RFC 6749, 4.4), or of a file; without an endpoint it makes an unsecured one (RFC 7515,
 * appendix A.5), which brokers take for tests alone. One token serves all connections until most of its life is over.
 */
export class BearerTokens {
  readonly #settings: TokenSettings;
  readonly #tls: () => Promise<HttpTls | undefined>;
  #token: Token | null = null;
  #asking: Promise<Token> | null = null;

  constructor(settings: TokenSettings, tls: () => Promise<HttpTls | undefined>) {
    this.#settings = settings;
    this.#tls = tls;
  }

  async current(entry: JaasEntry): Promise<string> {
    if (this.#token !== null && Date.now() < this.#token.freshUntil) return this.#token.text;
    this.#asking ??= this.#fresh(entry).finally(() => {
      this.#asking = null;
    });
    this.#token = await this.#asking;
    return this.#token.text;
  }

  /** What a broker has refused is not shown to it again. */
  forget(): void {
    this.#token = null;
  }

  async #fresh(entry: JaasEntry): Promise<Token> {
    const { endpoint } = this.#settings;
    if (endpoint === undefined) return this.#keep(unsecured(entry));
    const url = new URL(endpoint);
    if (url.protocol === 'file:') return { text: await tokenIn(fileURLToPath(url)), freshUntil: 0 };
    return this.#keep(...(await this.#ask(url, entry)));
  }

  #keep(text: string, lifeMs?: number): Token {
    const life = lifeMs ?? lifeOf(text) ?? unknownLifeMs;
    return { text, freshUntil: Date.now() + life * this.#settings.refreshAt };
  }

  async #ask(url: URL, { options }: JaasEntry): Promise<[text: string, lifeMs?: number]> {
    const { timeoutMs, clientId = options.get('clientId'), scope = options.get('scope') } = this.#settings;
    const secret = this.#settings.clientSecret?.reveal() ?? options.get('clientSecret');
    if (clientId === undefined || secret === undefined)
      throw saslFailure(
        mechanism,
        'no client id and secret: give clientId and clientSecret in sasl.jaas.config',
      );
    const tls = await this.#tls();
    const client = new HttpClient({
      ...{ connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs, maxAnswerBytes: mostTokenBytes },
      ...(tls === undefined ? {} : { tls }),
    });
    try {
      const { status, body } = await client.request({
        method: 'POST',
        url,
        headers: {
          accept: 'application/json',
          authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: Buffer.from(
          new URLSearchParams({
            grant_type: 'client_credentials',
            ...(scope === undefined ? {} : { scope }),
          }).toString(),
        ),
      });
      if (status !== 200) throw saslFailure(mechanism, `${place(url)} answers ${status}${reasonIn(body)}`);
      return tokenOf(body, url);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'KAFKA_AUTHENTICATION') throw error;
      throw saslFailure(mechanism, `no token: ${errorText(error)}`);
    } finally {
      await client.close();
    }
  }
}

const place = (url: URL): string => `${url.origin}${url.pathname}`;

function tokenOf(body: Buffer, url: URL): [text: string, lifeMs?: number] {
  const told = parsed(body);
  const token = told?.access_token;
  if (typeof token !== 'string' || token === '')
    throw saslFailure(mechanism, `${place(url)} answers without an access_token`);
  const seconds = told?.expires_in;
  return typeof seconds === 'number' && seconds > 0 ? [token, seconds * 1000] : [token];
}

/** RFC 6749, 5.2. */
function reasonIn(body: Buffer): string {
  const told = parsed(body);
  const reasons = [told?.error, told?.error_description].filter((reason) => typeof reason === 'string');
  return reasons.length === 0 ? '' : `: ${readable(reasons.join(', '))}`;
}

function parsed(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

async function tokenIn(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    if (size > mostTokenBytes) throw saslFailure(mechanism, `${path} is too large for a token`);
    return (await file.readFile('utf8')).trim();
  } catch (error) {
    throw explainFileError(error);
  }
}

/** What is left of the life that a JWT tells (`exp`, RFC 7519); undefined where it tells nothing. */
function lifeOf(token: string): number | undefined {
  const claims = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url'));
  const expires = claims?.exp;
  return typeof expires === 'number' ? Math.max(0, expires * 1000 - Date.now()) : undefined;
}

/** Kafka's `OAuthBearerUnsecuredLoginCallbackHandler`: claims by the login module's options. */
function unsecured({ options }: JaasEntry): string {
  const subject = options.get('unsecuredLoginStringClaim_sub');
  if (subject === undefined)
    throw saslFailure(
      mechanism,
      'no token: give sasl.oauthbearer.token.endpoint.url, or, for tests, unsecuredLoginStringClaim_sub in sasl.jaas.config',
    );
  const now = Date.now() / 1000;
  const claims: Record<string, unknown> = {
    iat: now,
    exp: now + Number(options.get('unsecuredLoginLifetimeSeconds') ?? 3600),
  };
  for (const [key, value] of options) {
    const [, kind, name] = /^unsecuredLogin(String|Number|List)Claim_(.+)$/.exec(key) ?? [];
    if (name === undefined) continue;
    claims[name] = kind === 'String' ? value : kind === 'Number' ? Number(value) : value.split(',');
  }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
