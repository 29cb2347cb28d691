import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { certificates } from '../../../../testkit/src/net/certificates.ts';
import { subjectName } from './distinguished-name.ts';

/** What Java's X500Principal.getName() gives for certificates that openssl made with these subjects. */
test.each([
  [
    '/C=US/ST=MD/L=Fulton/O=Example, Inc./OU=SME/CN=Duke',
    'CN=Duke,OU=SME,O=Example\\, Inc.,L=Fulton,ST=MD,C=US',
  ],
  ['/DC=com/DC=example/UID=d1/CN=a+OU=b', 'CN=a+OU=b,UID=d1,DC=example,DC=com'],
  ['/CN=Jürgen #1 <x>; "y" = \\\\ z', 'CN=Jürgen \\#1 \\<x\\>\\; \\"y\\" \\= \\\\ z'],
  ['/CN= two  ', 'CN=\\ two\\ \\ '],
  ['/CN=#1', 'CN=\\#1'],
  ['/CN=d/emailAddress=d@example.com', '1.2.840.113549.1.9.1=#160d64406578616d706c652e636f6d,CN=d'],
])('%s', (subject, name) => {
  using dir = tempDir();
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-utf8',
    '-multivalue-rdn',
  ];
  const files = ['-keyout', dir.join('key.pem'), '-out', dir.join('cert.pem')];
  execFileSync('openssl', [...args, '-subj', subject, ...files], { stdio: 'ignore' });
  expect(subjectName(new X509Certificate(readFileSync(dir.join('cert.pem'))))).toBe(name);
});

test('what is no certificate is refused, whatever is cut or changed', () => {
  const { raw } = new X509Certificate(readFileSync(certificates.certificate));
  expect(subjectName({ raw })).toBe('CN=localhost');
  for (let length = 0; length < raw.length; length += 7)
    expect(() => subjectName({ raw: raw.subarray(0, length) })).toThrow();
  for (let at = 0; at < 300; at++) {
    const bytes = Buffer.from(raw);
    bytes[at] = bytes[at]! ^ 0xff;
    try {
      expect(typeof subjectName({ raw: bytes })).toBe('string');
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
    }
  }
});
