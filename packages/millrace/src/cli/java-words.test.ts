import { describe, expect, it } from 'vitest';
import { javaWords } from './java-words.ts';

const names = ['name', 'no-reload-conf', 'conf', 'conf-file', 'conf-user', 'zkConnString', 'zkBasePath'];
const words = (...given: string[]) => javaWords(given, names, { user: 'conf-user' });

describe('words as commons-cli takes them', () => {
  it.each([
    [
      ['-name', 'a1'],
      ['--name', 'a1'],
    ],
    [['--name=a1'], ['--name=a1']],
    [['-name=a1'], ['--name=a1']],
    [['-na1'], ['-na1']],
    [['-n=a1'], ['-na1']],
    [
      ['-n', 'a1'],
      ['-n', 'a1'],
    ],
    [
      ['-user', 'me'],
      ['--conf-user', 'me'],
    ],
    [['--no-re'], ['--no-reload-conf']],
    [['-zkB=/x'], ['--zkBasePath=/x']],
    [
      ['-conf', 'd'],
      ['--conf', 'd'],
    ],
    [
      ['-Dname=x', 'word', '-', '--'],
      ['-Dname=x', 'word', '-', '--'],
    ],
    [['--misspelt'], ['--misspelt']],
  ])('%j are %j', (given, taken) => {
    expect(words(...given)).toEqual(taken);
  });

  it('that are cut too short name what they may be', () => {
    expect(() => words('--conf-')).toThrow('--conf- may be --conf-file or --conf-user');
    expect(() => words('-zk', 'h')).toThrow('-zk may be --zkConnString or --zkBasePath');
  });
});
