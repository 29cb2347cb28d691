import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ScramLogin, type ScramMechanism, scramClient } from './scram.ts';

const text = (bytes: Buffer | null) => bytes?.toString('utf8') ?? null;

/** A server after RFC 5802, written apart from the client. */
function scramServer(mechanism: ScramMechanism, password: string, first: string, iterations = 4096) {
  const hash = mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const bits = hash === 'sha256' ? 32 : 64;
  const hmac = (key: Buffer, data: string) => createHmac(hash, key).update(data).digest();
  const bare = first.slice(3);
  const nonce = /r=([^,]+)/.exec(bare)![1]! + randomBytes(9).toString('base64');
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, bits, hash);
  const said = `r=${nonce},s=${salt.toString('base64')},i=${iterations}`;
  return {
    first: Buffer.from(said),
    final(answer: string): Buffer {
      const [withoutProof, proof] = answer.split(',p=') as [string, string];
      const auth = `${bare},${said},${withoutProof}`;
      const clientKey = hmac(salted, 'Client Key');
      const signature = hmac(createHash(hash).update(clientKey).digest(), auth);
      const sent = Buffer.from(proof, 'base64').map((byte, i) => byte ^ signature[i]!);
      if (!createHash(hash).update(sent).digest().equals(createHash(hash).update(clientKey).digest()))
        return Buffer.from('e=invalid-proof');
      return Buffer.from(`v=${hmac(hmac(salted, 'Server Key'), auth).toString('base64')}`);
    },
  };
}

const login: ScramLogin = {
  mechanism: 'SCRAM-SHA-256',
  username: 'user',
  password: 'pencil',
  nonce: 'rOprNGfwEbeRWgbNEkqO',
};

describe('SCRAM', () => {
  it('says what RFC 7677 says in its example', async () => {
    const client = scramClient(login);
    expect(text(client.first())).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    const first = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
    expect(text(await client.next(Buffer.from(first)))).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    );
    expect(await client.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).toBeNull();
  });

  it.each<ScramMechanism>(['SCRAM-SHA-256', 'SCRAM-SHA-512'])(
    '%s: any name and password log in, others do not',
    async (mechanism) => {
      await fc.assert(
        fc.asyncProperty(
          fc.string({ unit: 'grapheme' }),
          fc.string({ unit: 'grapheme' }),
          fc.boolean(),
          async (username, password, isRight) => {
            const client = scramClient({ mechanism, username, password });
            const server = scramServer(mechanism, isRight ? password : `${password}?`, text(client.first())!);
            const final = server.final(text(await client.next(server.first))!);
            if (isRight) expect(await client.next(final)).toBeNull();
            else await expect(client.next(final)).rejects.toMatchObject({ code: 'KAFKA_AUTHENTICATION' });
          },
        ),
        { numRuns: 25 },
      );
    },
  );

  it('keeps the two characters of a name that mean something else', () => {
    expect(text(scramClient({ ...login, username: 'a=b,c' }).first())).toContain('n=a=3Db=2Cc,');
  });

  it('says that it logs in with a delegation token', () => {
    expect(text(scramClient({ ...login, isToken: true }).first())).toMatch(/,tokenauth=true$/);
  });

  it.each([
    ['another nonce', 'r=someone-else,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', /nonce/],
    ['its own nonce alone', 'r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', /nonce/],
    ['few iterations', 'r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095', /4095 iterations/],
    ['very many', 'r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=999999999', /999999999 iterations/],
    ['an extension', 'm=more,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', /extension/],
    ['something else', '\u0000\u0001HTTP/1.1 400', /no SCRAM message/],
    ['nothing', '', /no SCRAM message/],
  ])('refuses a server with %s', async (_, first, why) => {
    const client = scramClient(login);
    client.first();
    const failure = await client.next(Buffer.from(first)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'KAFKA_AUTHENTICATION', message: expect.stringMatching(why) });
  });

  it('refuses a server that does not know the password, and shows neither proof nor password', async () => {
    const client = scramClient(login);
    const server = scramServer('SCRAM-SHA-256', 'pencil', text(client.first())!);
    await client.next(server.first);
    const failure = await client
      .next(Buffer.from(`v=${randomBytes(32).toString('base64')}`))
      .catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ message: expect.stringContaining('not the one that it claims to be') });
    expect(JSON.stringify([failure, String(failure)])).not.toContain('pencil');
  });
});
