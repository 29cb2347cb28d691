import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Jceks, JceksError } from './jceks.ts';

/** Made by Hadoop 3.5's `CredentialShell create`. */
const folder = join(import.meta.dirname, '../../../../testkit/src/flume/credential-stores');
const none = readFileSync(join(folder, 'none.jceks'));
const own = readFileSync(join(folder, 'own.jceks'));

/** A store with other bytes, and the digest that makes it whole again. */
function sealed(change: (body: Buffer) => Buffer, password = 'none'): Buffer {
  const body = change(Buffer.from(none.subarray(0, -20)));
  const digest = createHash('sha1').update(Buffer.from(password, 'utf16le').swap16());
  return Buffer.concat([body, digest.update('Mighty Aphrodite').update(body).digest()]);
}

describe("Hadoop's stores", () => {
  it('have the secrets that were put into them, by names whose case does not count', () => {
    const store = new Jceks(none, 'none');
    expect(store.aliases.toSorted()).toEqual(['db.password', 'other']);
    expect(store.secret('DB.password')?.toString()).toBe('s3cr3t-čaj-db.password');
    expect(store.secret('nothing')).toBe(null);
    expect(new Jceks(own, 'correct-horse').secret('KEY')?.toString()).toBe('two words');
  });

  it('with another password are told from what is no store', () => {
    expect(() => new Jceks(own, 'none')).toThrow(expect.objectContaining({ kind: 'password' }));
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.alloc(100),
      Buffer.from('not a store at all, but long enough'),
    ])
      expect(() => new Jceks(bytes, 'none')).toThrow(expect.objectContaining({ kind: 'format' }));
  });

  it('that are cut or changed anywhere are a fault of the store, and nothing worse', () => {
    const unsealed = none.length - 20;
    for (let at = 4; at < unsealed; at += 3) {
      const read = (bytes: Buffer) => {
        const store = new Jceks(bytes, 'none');
        // Decrypting takes a second; that is for the few whose entries can be read.
        return store.aliases.length;
      };
      for (const bytes of [sealed((body) => body.subarray(0, at)), sealed((body) => flipped(body, at))]) {
        try {
          expect(read(bytes)).toBeLessThan(100);
        } catch (error) {
          expect(error).toBeInstanceOf(JceksError);
        }
      }
    }
  });

  it('that ask for absurd work are refused', () => {
    const at = none.indexOf(Buffer.from([0x02, 0x03, 0x03, 0x0d, 0x40]));
    const store = new Jceks(
      sealed((body) => {
        body.writeUIntBE(0x7fffff, at + 2, 3);
        return body;
      }),
      'none',
    );
    expect(() => store.secret('other')).toThrow('an entry asks for 8388607 iterations');
  });
});

function flipped(body: Buffer, at: number): Buffer {
  body[at] = (body[at] ?? 0) ^ 0xff;
  return body;
}
