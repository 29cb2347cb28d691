/** An issuer of OAuth tokens for tests: keys in a file for brokers, an endpoint for clients. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface IssuerOptions {
  /** Where the public key is written, as a JWKS (RFC 7517). */
  readonly keysFile: string;
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly lifeSeconds?: number;
}

export class TokenIssuer implements AsyncDisposable {
  readonly #server: Server;
  /** Requests so far. */
  asked = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(options: IssuerOptions): Promise<TokenIssuer> {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' };
    writeFileSync(options.keysFile, JSON.stringify({ keys: [key] }));
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = (): string => {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: options.issuer,
        aud: options.audience,
        sub: options.clientId,
        scope: 'kafka',
        iat: now,
        exp: now + (options.lifeSeconds ?? 3600),
      };
      const signed = `${part({ alg: 'RS256', kid: 'k1', typ: 'JWT' })}.${part(claims)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    };
    const known = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`;
    const server = createServer((request, response) => {
      issuer.asked++;
      const isKnown = request.headers.authorization === known;
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(
          isKnown
            ? { access_token: token(), token_type: 'bearer', expires_in: options.lifeSeconds ?? 3600 }
            : { error: 'invalid_client', error_description: 'who are you?' },
        ),
      );
    });
    const issuer = new TokenIssuer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/token`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
