import { expect, test } from 'vitest';
import { PrincipalRules } from './principal-rules.ts';

// The cases of Kafka's SslPrincipalMapperTest, by their rules.
const rules = [
  'RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/L',
  'RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L',
  'RULE:^cn=(.*?),ou=(.*?),dc=(.*?),dc=(.*?)$/$1@$2/U',
  'RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/U',
  'DEFAULT',
].join(', ');

test.each([
  ['CN=Duke,OU=ServiceUsers,O=Org,C=US', 'duke'],
  ['CN=Duke,OU=SME,O=mycp,L=Fulton,ST=MD,C=US', 'duke@sme'],
  ['cn=duke,ou=sme,dc=mycp,dc=com', 'DUKE@SME'],
  ['cN=duke,OU=JavaSoft,O=Sun Microsystems', 'DUKE'],
  ['OU=JavaSoft,O=Sun Microsystems,C=US', 'OU=JavaSoft,O=Sun Microsystems,C=US'],
])('%s is %s', (subject, name) => {
  expect(new PrincipalRules(rules).nameOf(subject)).toBe(name);
});

test('what no rule fits is nobody; a group that is not there is text, a longer number is cut', () => {
  expect(new PrincipalRules('RULE:^CN=(.*?),OU=X$/$1/').nameOf('CN=a')).toBeNull();
  const name = (replacement: string) =>
    new PrincipalRules(`RULE:^CN=(.*?),OU=(.*?)$/${replacement}/`).nameOf('CN=a,OU=b');
  expect(name('$1@$2')).toBe('a@b');
  expect(name('$1@$4')).toBe('a@$4');
  expect(name('$12')).toBe('a2');
  expect(name('\\$1')).toBe('$1');
});

test.each(['RULE:^CN=(.*?)$', 'RULE:/', 'default', 'RULE:^CN=(.*?/$1/', '', 'DEFAULT RULE:a/b/'])(
  '%j is told with how it is written',
  (text) => {
    expect(() => new PrincipalRules(text)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('ssl.principal.mapping.rules'),
      }),
    );
  },
);
