import { describe, expect, it } from 'vitest';
import { parseFlumeEnv } from './flume-env.ts';

const parse = (text: string) => {
  const { properties, notes } = parseFlumeEnv(text, 'conf/flume-env.sh', { HOST: 'h1', SECRET: 's' });
  return { properties: Object.fromEntries(properties), notes };
};

describe('flume-env.sh', () => {
  it.each([
    [
      'JAVA_OPTS="-Xms100m -Dflume.monitoring.type=http -Dflume.monitoring.port=34545"',
      { 'flume.monitoring.type': 'http', 'flume.monitoring.port': '34545' },
    ],
    ["export JAVA_OPTS='-Da=b -Dc'", { a: 'b', c: 'true' }],
    [`export JAVA_OPTS="-Da=1"\nexport JAVA_OPTS="$JAVA_OPTS -Db=$\{HOST}"`, { a: '1', b: 'h1' }],
    ['  # JAVA_OPTS="-Da=b"\n\nJAVA_OPTS=-Da=b # why', { a: 'b' }],
    ['JAVA_OPTS="-Da=1 \\\n  -Db=2"', { a: '1', b: '2' }],
    ['FLUME_CLASSPATH="/x/*"\nexport JAVA_HOME=/usr/lib/jvm\nJAVA_OPTS=-Da=b', { a: 'b' }],
  ])('%s', (text, properties) => {
    expect(parse(text)).toEqual({ properties, notes: [] });
  });

  it.each([
    ['JAVA_OPTS="$(cat /etc/secret)"', ':1: JAVA_OPTS is not read: its value needs a shell'],
    ['JAVA_OPTS=`id`', ':1: JAVA_OPTS is not read'],
    ['\n. /etc/other.sh', ':2: is not read: the file is not run'],
    ['if [ -n "$X" ]; then', ':1: is not read'],
    ['export TZ=UTC', ':1: TZ has no effect'],
    ['JAVA_OPTS="-Da=$NOT_SET"', ':1: NOT_SET is not set'],
    ['JAVA_OPTS=-Da=b; rm -rf x', ':1: JAVA_OPTS is not read'],
  ])('tells of %s', (text, note) => {
    const { notes } = parse(text);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain(`conf/flume-env.sh${note}`);
    expect(notes[0]).not.toContain('s3cret');
  });
});
