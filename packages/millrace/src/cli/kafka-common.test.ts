import { describe, expect, it } from 'vitest';
import { MillraceError } from '../runtime/errors.ts';
import { brokerText, Interruption, keyValues, withoutZookeeper } from './kafka-common.ts';

describe('--zookeeper', () => {
  it.each([
    [
      ['--create', '--zookeeper', 'localhost:2181', '--topic', 't'],
      'x --bootstrap-server localhost:9092 --create --topic t',
    ],
    [['--list', '--zookeeper=zk1:2181,zk2:2181/kafka'], 'x --bootstrap-server zk1:9092,zk2:9092 --list'],
    [['--zookeeper', 'zk:2181', '--whitelist', 'a|b'], "x --bootstrap-server zk:9092 --include 'a|b'"],
    [['--zookeeper', 'zk:2181', '--broker-list=b:9092', '--new-consumer'], 'x --bootstrap-server=b:9092'],
    [['--zookeeper'], 'x --bootstrap-server localhost:9092'],
    [['--zookeeper', 'z', '--topic', "it's"], "x --bootstrap-server z:9092 --topic 'it'\\''s'"],
  ])('%j is written anew', (argv, line) => {
    expect(withoutZookeeper('x', argv)).toBe(line);
  });

  it('leaves other command lines alone', () => {
    expect(withoutZookeeper('x', ['--list', '--topic', 'zookeeper'])).toBeUndefined();
  });
});

describe('keyValues', () => {
  it('splits at the first equals sign, and keeps blanks and tabs', () => {
    expect([...keyValues('--property', ['a=b=c', 'key.separator=\t', 'alone', 'empty='])]).toEqual([
      ['a', 'b=c'],
      ['key.separator', '\t'],
      ['alone', ''],
      ['empty', ''],
    ]);
  });

  it.each(['=b', ''])('refuses %j', (pair) => {
    expect(() => keyValues('--property', [pair])).toThrow('--property takes KEY=VALUE');
  });
});

describe('brokerText', () => {
  it("is what the broker said, without our place and the error's name", () => {
    const details = { error: 'TOPIC_ALREADY_EXISTS', errorCode: 36 };
    const error = new MillraceError('KAFKA', "topic t: TOPIC_ALREADY_EXISTS: Topic 't' already exists.", {
      details,
    });
    expect(brokerText(error)).toBe("Topic 't' already exists.");
    expect(brokerText(new MillraceError('KAFKA', 'something: else'))).toBe('something: else');
  });
});

describe('Interruption', () => {
  it('aborts at the first signal, with its exit code, and leaves no listener behind', () => {
    const before = process.listeners('SIGINT');
    {
      using interruption = new Interruption();
      expect(interruption.signal.aborted).toBe(false);
      process.emit('SIGINT');
      expect(interruption.signal.aborted).toBe(true);
      expect(interruption.exitCode).toBe(130);
    }
    expect(process.listeners('SIGINT').filter((listener) => !before.includes(listener))).toEqual([]);
  });
});
