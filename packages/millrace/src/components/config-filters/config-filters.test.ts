import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../../testkit/src/files/temp-dir.ts';
import { contextFor } from '../../component/testing/context.ts';
import { envConfigFilter } from './env-config-filter.ts';
import { externalConfigFilter } from './external-config-filter.ts';
import { hadoopConfigFilter } from './hadoop-config-filter.ts';

describe('env', () => {
  const filter = envConfigFilter.create({ name: 'f1', options: {}, env: { KEY: 'v', EMPTY: '' } });
  it.each([
    ['KEY', { value: 'v' }],
    ['EMPTY', { value: '' }],
    ['NOPE', { fault: 'the environment variable NOPE is not set' }],
    ['constructor', { fault: 'the environment variable constructor is not set' }],
  ])('%s', async (key, answer) => {
    expect(await filter.resolve(key)).toEqual(answer);
  });
});

describe('external', () => {
  const { options } = contextFor(externalConfigFilter, { command: 'pass  show', charset: 'ISO-8859-1' });
  const filterWith = (runCommand?: (command: readonly string[], charset: string) => Promise<string>) =>
    externalConfigFilter.create({
      name: 'f1',
      options,
      env: {},
      ...(runCommand === undefined ? {} : { runCommand }),
    });

  it('runs the command with the key behind its arguments, and takes the first line', async () => {
    const commands: unknown[] = [];
    const filter = filterWith(async (...call) => {
      commands.push(call);
      return 'first\r\nsecond';
    });
    expect(await filter.resolve('KEY')).toEqual({ value: 'first' });
    expect(commands).toEqual([[['pass', 'show', 'KEY'], 'ISO-8859-1']]);
  });

  it('never tells what a failing command said', async () => {
    const answer = await filterWith(() => Promise.reject(new Error('s3cr3t'))).resolve('KEY');
    expect(answer).toEqual({ fault: 'the command of configfilter f1 failed' });
  });

  it('runs nothing in a check', async () => {
    expect(await filterWith().resolve('KEY')).toEqual({ fault: 'a check runs no commands' });
  });
});

describe('hadoop', () => {
  const folder = join(import.meta.dirname, '../../../../testkit/src/flume/credential-stores');
  const filterOf = (path: string, env: Record<string, string> = {}, passwordFile?: string) =>
    hadoopConfigFilter.create({
      name: 'f1',
      env,
      options: contextFor(hadoopConfigFilter, {
        'credential.provider.path': path,
        ...(passwordFile === undefined
          ? {}
          : { 'credstore.java-keystore-provider.password-file': passwordFile }),
      }).options,
    });

  it('has the secrets of the stores, the first one first', async () => {
    const stores = [`jceks://file${folder}/none.jceks`, `localjceks://file${folder}/own.jceks`];
    const filter = filterOf(`hdfs://nn/x.jceks, ${stores[0]}`);
    expect(await filter.resolve('other')).toEqual({ value: 's3cr3t-čaj-other' });
    const none = await filter.resolve('nothing');
    expect(none).toMatchObject({
      fault: expect.stringContaining('configfilter f1 has no nothing: hdfs://nn'),
    });

    const both = filterOf(stores.join(','), { HADOOP_CREDSTORE_PASSWORD: 'correct-horse' });
    expect(await both.resolve('KEY')).toEqual({ value: 'two words' });
    using dir = tempDir();
    writeFileSync(dir.join('password'), 'correct-horse\n');
    expect(await filterOf(stores[1]!, {}, dir.join('password')).resolve('key')).toEqual({
      value: 'two words',
    });
  });

  it('says what is wrong with a store, never its password', async () => {
    const env = { HADOOP_CREDSTORE_PASSWORD: 's3cr3t' };
    const wrong = await filterOf(`jceks://file${folder}/own.jceks`, env).resolve('KEY');
    expect(wrong).toMatchObject({
      fault: expect.stringContaining('its password is another, or it is damaged (HADOOP_CREDSTORE_PASSWORD'),
    });
    expect(JSON.stringify(wrong)).not.toContain('s3cr3t');
    const gone = await filterOf('jceks://file/nowhere/x.jceks').resolve('KEY');
    expect(gone).toMatchObject({ fault: expect.stringContaining('there is no such file') });
    const noPassword = await filterOf('jceks://file/nowhere/x.jceks', {}, '/nowhere/pw').resolve('KEY');
    expect(noPassword).toMatchObject({ fault: expect.stringContaining('/nowhere/pw') });
  });
});
