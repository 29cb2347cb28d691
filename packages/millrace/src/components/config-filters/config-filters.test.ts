import { describe, expect, it } from 'vitest';
import { contextFor } from '../../component/testing/context.ts';
import { envConfigFilter } from './env-config-filter.ts';
import { externalConfigFilter } from './external-config-filter.ts';

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
