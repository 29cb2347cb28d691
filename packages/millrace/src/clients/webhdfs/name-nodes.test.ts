import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { readHadoopConf } from './hadoop-conf.ts';
import { mergeSites, readSite, settingOf } from './hadoop-site.ts';
import { type HdfsScheme, nameNodesOf } from './name-nodes.ts';

const site = (lines: string) =>
  readSite(`<?xml version="1.0"?>\n<configuration>${lines}</configuration>`, 'f.xml');
const property = (name: string, value: string) =>
  `<property><name>${name}</name>\n<value>${value}</value></property>`;

const named = (name: string) => `\${${name}}`;

describe('settings of Hadoop', () => {
  it('are read as Hadoop reads them', async () => {
    const settings = mergeSites([
      await site(
        `${property('a', ' 1 ')}<!-- ${property('no', 'x')} --><property><name>b</name><value>x&amp;&#65;<![CDATA[<y>]]></value>
         <final>true</final><description>d</description></property><property name="c" value="3"/><property><name>none</name></property>`,
      ),
      await site(property('a', '2') + property('b', 'later')),
    ]);
    expect(Object.fromEntries(settings)).toEqual({ a: '2', b: 'x&A<y>', c: '3' });
  });

  it('name one another', () => {
    const settings = new Map([
      ['host', 'nn'],
      ['address', `${named('host')}:${named('env.PORT')}/${named('unknown')}`],
      ['round', named('round')],
    ]);
    expect(settingOf(settings, 'address', { PORT: '8020' })).toBe(`nn:8020/${named('unknown')}`);
    expect(settingOf(settings, 'round', {})).toBe(named('round'));
    expect(settingOf(settings, 'absent', {})).toBeUndefined();
  });

  it.each([
    ['<configuration><property>', 'f.xml:1'],
    ['<configuration>\n&evil;</configuration>', 'f.xml:2'],
    ['<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><configuration>&x;</configuration>', 'f.xml:1'],
    ['<config/>', 'begins with <config>'],
    [
      '<configuration xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="o.xml"/></configuration>',
      'o.xml, which is not read',
    ],
    [`<configuration>${'<a>'.repeat(20)}${'</a>'.repeat(20)}</configuration>`, 'too deep'],
    ['', 'f.xml'],
  ])('are refused: %s', async (text, why) => {
    await expect(readSite(text, 'f.xml')).rejects.toThrow(why);
  });

  it('come from the files of a folder', async () => {
    using dir = tempDir();
    writeFileSync(dir.join('hdfs-site.xml'), `<configuration>${property('b', '2')}</configuration>`);
    expect(Object.fromEntries(await readHadoopConf(dir.path))).toEqual({ b: '2' });
    writeFileSync(dir.join('core-site.xml'), Buffer.alloc(9 * 1024 * 1024, ' '));
    await expect(readHadoopConf(dir.path)).rejects.toThrow("it is none of Hadoop's");
  });
});

const service = {
  'dfs.nameservices': 'prod, other',
  'dfs.ha.namenodes.prod': 'nn1,nn2',
  'dfs.namenode.rpc-address.prod.nn1': 'a:8020',
  'dfs.namenode.rpc-address.prod.nn2': 'b:8020',
  'dfs.namenode.http-address.prod.nn1': '0.0.0.0:50070',
  'dfs.namenode.http-address.prod.nn2': 'b-web:50070',
  'dfs.namenode.https-address.prod.nn2': 'b-web:50470',
  'dfs.namenode.rpc-address.other': 'c:9000',
};

describe('the servers of an address', () => {
  it.each<[HdfsScheme, string, Record<string, string>, string[]]>([
    ['webhdfs', 'h:14000', service, ['http://h:14000/']],
    ['webhdfs', 'h', {}, ['http://h:9870/']],
    ['swebhdfs', 'h', {}, ['https://h:9871/']],
    ['hdfs', 'h:8020', {}, ['http://h:9870/']],
    ['hdfs', 'h:8020', { 'dfs.namenode.http-address': 'web:80' }, ['http://web/']],
    ['hdfs', 'h:8020', { 'dfs.namenode.http-address': '0.0.0.0:50070' }, ['http://h:50070/']],
    ['hdfs', 'h', { 'dfs.http.policy': 'HTTPS_ONLY' }, ['https://h:9871/']],
    ['hdfs', 'prod', service, ['http://a:50070/', 'http://b-web:50070/']],
    ['webhdfs', 'prod', service, ['http://a:50070/', 'http://b-web:50070/']],
    ['swebhdfs', 'prod', service, ['https://a:9871/', 'https://b-web:50470/']],
    ['hdfs', 'b:8020', service, ['http://b-web:50070/']],
    ['hdfs', 'c:9000', service, ['http://c:9870/']],
    ['hdfs', 'other', service, ['http://c:9870/']],
  ])('%s://%s with %o', (scheme, authority, settings, urls) => {
    const found = nameNodesOf(scheme, authority, new Map(Object.entries(settings)));
    expect(found.map(({ href }) => href)).toEqual(urls);
  });

  it.each<[string, Record<string, string>, string]>([
    ['', {}, 'names no server'],
    ['h:x', {}, 'no address of a server'],
    ['prod', { 'dfs.nameservices': 'prod' }, 'no dfs.namenode.http-address for the name service prod'],
  ])('hdfs://%s with %o is refused', (authority, settings, why) => {
    expect(() => nameNodesOf('hdfs', authority, new Map(Object.entries(settings)))).toThrow(why);
  });
});
