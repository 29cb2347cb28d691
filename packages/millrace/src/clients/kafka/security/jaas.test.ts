import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JaasError, jaasSection, parseJaas } from './jaas.ts';

const module = 'org.apache.kafka.common.security.scram.ScramLoginModule';

describe('a login entry', () => {
  it.each([
    [
      `${module} required username="alice" password="s3;c=r}et";`,
      { username: 'alice', password: 's3;c=r}et' },
    ],
    [`${module}   required\n username='alice'\n password=plain ;`, { username: 'alice', password: 'plain' }],
    [`${module} required password="a\\"b\\\\c\\tü\\101";`, { password: 'a"b\\c\tüA' }],
    [`${module} REQUIRED /* c */ username=a // rest\n;`, { username: 'a' }],
    [`${module} required "with blank"="x";`, { 'with blank': 'x' }],
    [`${module} required;`, {}],
  ])('%s', (text, options) => {
    const entry = parseJaas(text);
    expect(entry.loginModule).toBe('ScramLoginModule');
    expect(Object.fromEntries(entry.options)).toEqual(options);
  });

  it.each([
    ['', /a login module is missing/],
    [`${module};`, /required, requisite/],
    [`${module} required username="alice"`, /; at its end is missing/],
    [`${module} required username;`, /= is missing/],
    [`${module} required username="alice;`, /no other end/],
    [`${module} required username=;`, /value of an option is missing/],
    [`${module} required a=b; ${module} required;`, /only one login module/],
    [`${module} always a=b;`, /required, requisite/],
  ])('%s can not be read', (text, why) => {
    expect(() => parseJaas(text)).toThrow(why);
    expect(() => parseJaas(text)).toThrow(JaasError);
  });

  it('comes to an end for any text, and says nothing of the values', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          parseJaas(`${module} required password="S3CRET" ${text}`);
        } catch (error) {
          expect(error).toBeInstanceOf(JaasError);
          expect(String(error)).not.toContain('S3CRET');
        }
      }),
    );
  });
});

describe('a login file', () => {
  const file = `
    // brokers
    KafkaServer { ${module} required username="admin" password="x"; };
    KafkaClient {
      ${module} required
        username="alice"
        password="y";
    };`;

  it('has a section for clients', () => {
    expect(jaasSection(file).options.get('username')).toBe('alice');
    expect(() => jaasSection(file, 'Client')).toThrow('no section Client');
    expect(() => jaasSection('KafkaClient { };')).toThrow('one login module');
  });
});
