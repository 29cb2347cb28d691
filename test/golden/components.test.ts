/**
 * What Flume 1.11.0 did when it was run (the ids are those of the golden table), and Millrace does in its place: plain
 * sources, sinks, interceptors, selectors and the memory channel, each in a whole agent.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { netcatLines, runAgent, talk } from './agent-harness.ts';

/** Waits until that text ends with `end`; gives it. */
async function waitForText(directory: string, end: string): Promise<string> {
  return await waitFor(`text that ends with ${end}`, async () => {
    const text = await filesText(directory);
    return text.endsWith(end) ? text : null;
  });
}

/** All that the files of a folder hold, in the order of their names. */
async function filesText(directory: string): Promise<string> {
  const names = (await readdir(directory)).sort();
  const texts = await Promise.all(names.map((name) => readFile(`${directory}/${name}`, 'utf8')));
  return texts.join('');
}

const fileSink = `
  a1.sinks.k1.type = file_roll
  a1.sinks.k1.sink.directory = DIR/out
  a1.sinks.k1.sink.rollInterval = 0
  a1.sinks.k1.sink.serializer = HEADER_AND_TEXT`;

describe('C1 netcat', () => {
  it('answers OK to each line; bodies keep their \\r and their bytes', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines + fileSink);
    expect(await talk(port, 'hello\n\nab\r\nhé\n', 'OK\nOK\nOK\nOK\n')).toBe('OK\nOK\nOK\nOK\n');
    const text = await waitForText(run.dir.join('out'), 'hé\n');
    expect(text).toBe('{} hello\n{} \n{} ab\r\n{} hé\n');
  });

  it.each([
    [510, 'OK\n'],
    [511, 'OK\n'],
    [512, 'FAILED: Event exceeds the maximum length (512 chars, including newline)\n'],
    [513, 'FAILED: Event exceeds the maximum length (512 chars, including newline)\n'],
    [600, 'FAILED: Event exceeds the maximum length (512 chars, including newline)\n'],
  ])('answers a line of %i characters', async (length, answer) => {
    const { port, lines } = await netcatLines();
    await using _run = await runAgent(lines);
    expect(await talk(port, `${'é'.repeat(length)}\n`, '\n')).toBe(answer);
  });

  it('closes after a line that is too long, even before its newline, and loses what follows', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines);
    expect(await talk(port, 'x'.repeat(600))).toBe(
      'FAILED: Event exceeds the maximum length (512 chars, including newline)\n',
    );
    expect(await talk(port, `first\n${'x'.repeat(600)}\nafter\n`)).toBe(
      'OK\nFAILED: Event exceeds the maximum length (512 chars, including newline)\n',
    );
    await waitFor('the event', () => run.logged('first').length > 0);
    expect(run.logged('after')).toEqual([]);
  });

  it('closes without a word at bytes that are no UTF-8', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines);
    expect(await talk(port, Buffer.from([0xff, 0xfe, 0x0a]))).toBe('');
    expect(run.logged('Event: ')).toEqual([]);
  });

  it('is silent with ack-every-event=false, except where a line is too long', async () => {
    const { port, lines } = await netcatLines(
      'a1.sources.r1.ack-every-event = false\na1.sources.r1.max-line-length = 10',
    );
    await using run = await runAgent(lines);
    expect(await talk(port, '123456789\n1234567890\n')).toBe(
      'FAILED: Event exceeds the maximum length (10 chars, including newline)\n',
    );
    await waitFor('the event', () => run.logged('123456789 }').length === 1);
  });

  it('takes more lines at once than a transaction holds, each once in every channel', async () => {
    const { port, lines } = await netcatLines(`
      a1.channels = c1 c2
      a1.sources.r1.channels = c1 c2
      a1.channels.c1.capacity = 1000
      a1.channels.c1.transactionCapacity = 1000
      a1.channels.c2.type = memory
      a1.channels.c2.capacity = 1000
      a1.sinks = none`);
    await using run = await runAgent(lines);
    expect(await talk(port, 'x\n'.repeat(250), 'OK\n'.repeat(250))).toBe('OK\n'.repeat(250));
    expect(run.agent.counters().map(({ name, attributes }) => `${name} ${attributes.ChannelSize}`)).toEqual([
      'c1 250',
      'c2 250',
    ]);
  });

  it('reads text in its encoding and makes bodies of UTF-8', async () => {
    const { port, lines } = await netcatLines('a1.sources.r1.encoding = ISO-8859-1');
    await using run = await runAgent(lines + fileSink);
    expect(await talk(port, Buffer.from([0x68, 0xe9, 0x0a]), 'OK\n')).toBe('OK\n');
    expect(await waitForText(run.dir.join('out'), '\n')).toBe('{} hé\n');
  });

  it('makes no event of text that has no newline before the close', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines);
    expect(await talk(port, 'a\nno newline', 'OK\n')).toBe('OK\n');
    expect(await talk(port, 'b\n', 'OK\n')).toBe('OK\n');
    await waitFor('both events', () => run.logged('Event: ').length === 2);
    expect(run.logged('no newline ')).toMatchObject([expect.stringMatching(/10 bytes of \S+ are dropped/)]);
  });
});

describe('C5 exec', () => {
  const exec = (command: string, more = '') =>
    `a1.sources.r1.type = exec\na1.sources.r1.command = ${command}\n${more}`;
  const events = (run: { logged(text: string): string[] }) =>
    run.logged('Event: ').map((line) => line.replace(/^.* body:(?: .{48}(.*))? }$/, '$1'));

  it('ends lines at \\n, \\r and \\r\\n', async () => {
    await using run = await runAgent(
      exec('printf "a\\\\rb\\\\r\\\\nc\\\\n\\\\nlast"', 'a1.sources.r1.shell = /bin/sh -c'),
    );
    await waitFor('five events', () => events(run).length === 5);
    expect(events(run)).toEqual(['a', 'b', 'c', '', 'last']);
  });

  it('knows no quotes, pipes or variables without a shell, and stays idle after the end', async () => {
    await using run = await runAgent(exec('echo "a b" | cat $HOME *'));
    await waitFor('the end of the command', () => run.logged('exited with').length > 0);
    expect(run.logged('exited with')).toEqual(['info Command [echo "a b" | cat $HOME *] exited with 0']);
    await waitFor('the event', () => events(run).length === 1);
    expect(events(run)[0]).toBe('"a b" | cat $HOM'); // the log shows 16 bytes
  });

  it('runs the command again after its end, with its exit code in the log', async () => {
    await using run = await runAgent(
      exec(
        'exit 3',
        'a1.sources.r1.shell = /bin/sh -c\na1.sources.r1.restart = true\na1.sources.r1.restartThrottle = 10',
      ),
    );
    await waitFor('two runs', () => run.logged('exited with 3').length >= 2);
    expect(run.logged('Restarting')[0]).toBe('info Restarting in 10ms, exit code 3');
  });

  it('logs stderr where it is told to', async () => {
    await using run = await runAgent(
      exec('echo err >&2; echo out', 'a1.sources.r1.shell = /bin/sh -c\na1.sources.r1.logStdErr = true'),
    );
    await waitFor('the line', () => run.logged('StderrLogger').length > 0);
    expect(run.logged('StderrLogger')).toEqual(["info StderrLogger[1] = 'err'"]);
  });

  it('says that a program is missing, and goes on', async () => {
    await using run = await runAgent(exec('/no/such/program x'));
    await waitFor('the line', () => run.logged('Failed while running command').length > 0);
    expect(run.logged('Failed while running command')[0]).toContain('/no/such/program x');
  });

  it('B23 is dropped without a command', async () => {
    await using run = await runAgent('a1.sources.r1.type = exec');
    expect(run.agent.model.sources).toEqual([]);
    expect(run.lines.join('\n')).toContain('The parameter command must be specified');
  });

  it('makes the command wait for a full channel and loses nothing (Flume would lose 8 of 12)', async () => {
    await using run = await runAgent(
      exec(
        'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $i; done',
        `a1.sources.r1.shell = /bin/sh -c
         a1.sources.r1.batchSize = 2
         a1.channels.c1.capacity = 5
         a1.channels.c1.transactionCapacity = 5
         a1.channels.c1.keep-alive = 0
         a1.sinks.k1.type = file_roll
         a1.sinks.k1.sink.rollInterval = 0
         a1.sinks.k1.sink.batchSize = 5
         a1.sinks.k1.sink.directory = DIR/later`,
      ),
    );
    await waitFor('a full channel', () => run.logged('the command waits').length > 0);
    await mkdir(run.dir.join('later'));
    const all = Array.from({ length: 12 }, (_, i) => `${i + 1}\n`).join('');
    await waitFor('all lines', async () => (await filesText(run.dir.join('later'))) === all);
  });

  it('leaves no process behind at stop', async () => {
    const run = await runAgent(exec('sleep 600 & echo $!; wait', 'a1.sources.r1.shell = /bin/sh -c'));
    await waitFor('the number of the grandchild', () => events(run).length === 1);
    const pid = Number(events(run)[0]);
    expect(pid).toBeGreaterThan(1);
    await run.agent.stop();
    await waitFor('the end of the grandchild', () => !isRunning(pid));
    await run[Symbol.asyncDispose]();
  });
});

/** Whether there is such a process that has not ended; one that nobody has waited for has. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('E1, A16, B16, B17: the memory channel', () => {
  it('E1 full: OK three times, then the reason', async () => {
    const full =
      "FAILED: Space for commit to queue couldn't be acquired. Sinks are likely not keeping up with sources, or the buffer size is too tight\n";
    const { port, lines } = await netcatLines(`
      a1.sinks =
      a1.channels.c1.capacity = 3
      a1.channels.c1.transactionCapacity = 3
      a1.channels.c1.keep-alive = 0`);
    await using run = await runAgent(lines.replace('a1.sinks =', 'a1.sinks = none'));
    const answer = await talk(port, '1\n2\n3\n4\n5\n', `${full}${full}`);
    expect(answer).toBe(`OK\nOK\nOK\n${full}${full}`);
    expect(run.agent.counters().find(({ kind }) => kind === 'channel')?.attributes).toMatchObject({
      ChannelCapacity: '3',
      ChannelFillPercentage: '100.0',
      ChannelSize: '3',
      EventPutSuccessCount: '3',
      Type: 'CHANNEL',
    });
  });

  it('A16 counts bodies in slots of 100 bytes', async () => {
    const { port, lines } = await netcatLines(`
      a1.sources.r1.max-line-length = 2000
      a1.channels.c1.byteCapacity = 1000
      a1.channels.c1.keep-alive = 0`);
    await using _run = await runAgent(`${lines}\na1.sinks = none`);
    const refusal =
      'FAILED: Cannot commit transaction. Byte capacity allocated to store event body 800.0reached. Please increase heap space/byte capacity allocated to the channel as the sinks may not be keeping up with the sources\n';
    for (const [length, answer] of [
      [1, 'OK\n'],
      [9, 'OK\n'],
      [800, refusal],
      [801, refusal],
      [700, refusal],
      [1, 'OK\n'],
    ] as const) {
      expect(await talk(port, `${'x'.repeat(length)}\n`, '\n')).toBe(answer);
    }
  });

  it('B16 capacity below transactionCapacity: channel, source and sink go', async () => {
    const { lines } = await netcatLines('a1.channels.c1.capacity = 50');
    await using run = await runAgent(lines);
    expect(run.lines.join('\n')).toContain(
      'Transaction Capacity of Memory Channel cannot be higher than the capacity.',
    );
    const { channels, sources, sinks } = run.agent.model;
    expect([channels, sources, sinks]).toEqual([[], [], []]);
  });

  it('B17 a bad capacity takes the default of 100', async () => {
    const { lines } = await netcatLines('a1.channels.c1.capacity = 1k');
    await using run = await runAgent(lines);
    expect(run.agent.counters().find(({ kind }) => kind === 'channel')?.attributes.ChannelCapacity).toBe(
      '100',
    );
  });
});

describe('E3, E4: selectors', () => {
  it('E3 a required channel that is full refuses; the other has the event all the same', async () => {
    const { port, lines } = await netcatLines(`
      a1.channels = c1 c2
      a1.sources.r1.channels = c1 c2
      a1.channels.c2.type = memory
      a1.channels.c2.capacity = 1
      a1.channels.c2.transactionCapacity = 1
      a1.channels.c2.keep-alive = 0
      a1.sinks = none`);
    await using run = await runAgent(lines);
    const answers: string[] = [];
    for (const body of ['e1', 'e2', 'e2']) answers.push((await talk(port, `${body}\n`, '\n')).split(':')[0]!);
    expect(answers).toEqual(['OK\n', 'FAILED', 'FAILED']);
    expect(sizes(run.agent.counters())).toEqual({ c1: '3', c2: '1' });
  });

  it('E3 an optional channel may fail unnoticed', async () => {
    const { port, lines } = await netcatLines(`
      a1.channels = c1 c2
      a1.sources.r1.channels = c1 c2
      a1.sources.r1.selector.optional = c2
      a1.channels.c2.type = memory
      a1.channels.c2.capacity = 1
      a1.channels.c2.transactionCapacity = 1
      a1.channels.c2.keep-alive = 0
      a1.sinks = none`);
    await using run = await runAgent(lines);
    for (const body of ['e1', 'e2', 'e2']) expect(await talk(port, `${body}\n`, '\n')).toBe('OK\n');
    expect(sizes(run.agent.counters())).toEqual({ c1: '3', c2: '1' });
    expect(run.logged('Unable to put batch on optional channel: c2')).toHaveLength(2);
  });

  it('E4 a mapping to an unknown channel drops the source', async () => {
    const { lines } = await netcatLines(`
      a1.sources.r1.selector.type = multiplexing
      a1.sources.r1.selector.mapping.CZ = c9`);
    await using run = await runAgent(lines);
    expect(run.lines.join('\n')).toContain('Selector channel not found: c9');
    expect(run.agent.counters().filter(({ kind }) => kind === 'source')).toEqual([]);
  });

  const sizes = (counters: ReturnType<Awaited<ReturnType<typeof runAgent>>['agent']['counters']>) =>
    Object.fromEntries(
      counters
        .filter(({ kind }) => kind === 'channel')
        .map(({ name, attributes }) => [name, attributes.ChannelSize]),
    );
});

describe('E8, A1: the logger sink', () => {
  it.each(['40', '8', 'abc'])('shows 16 bytes, whatever maxBytesToLog = %s says', async (maxBytesToLog) => {
    const { port, lines } = await netcatLines(`a1.sinks.k1.maxBytesToLog = ${maxBytesToLog}`);
    await using run = await runAgent(lines);
    await talk(port, 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ\n', '\n');
    await waitFor('the event', () => run.logged('Event: ').length > 0);
    const [line] = run.logged('Event: ');
    expect(line).toBe(
      'info Event: { headers:{} body: 61 62 63 64 65 66 67 68 69 6A 6B 6C 6D 6E 6F 70 abcdefghijklmnop }',
    );
  });

  it('pads short bodies and shows dots for what cannot be printed', async () => {
    const { port, lines } = await netcatLines();
    await using run = await runAgent(lines);
    await talk(port, 'tab\tnl\u0000ré\x7f\n\n0\n', 'OK\nOK\nOK\n');
    await waitFor('three events', () => run.logged('Event: ').length === 3);
    expect(run.logged('Event: ')).toEqual([
      'info Event: { headers:{} body: 74 61 62 09 6E 6C 00 72 C3 A9 7F                tab.nl.r... }',
      'info Event: { headers:{} body: }',
      `info Event: { headers:{} body: 30${' '.repeat(46)}0 }`,
    ]);
  });
});

describe('E9, A8: file_roll', () => {
  it('names files by the start of the series and a number; a new file comes also without events', async () => {
    const { port, lines } = await netcatLines(`
      a1.channels.c1.keep-alive = 0
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.sink.directory = DIR/out
      a1.sinks.k1.sink.rollInterval = 1`);
    await using run = await runAgent(lines);
    await talk(port, 'one\ntwo\n', 'OK\nOK\n');
    const series = () => readdir(run.dir.join('out'));
    await waitFor('the second file', async () => (await series()).length >= 2);
    const [first, second] = (await series()).sort(
      (a, b) => Number(a.split('-')[1]) - Number(b.split('-')[1]),
    );
    expect(first).toMatch(/^\d{13}-1$/);
    expect(second).toBe(first!.replace(/-1$/, '-2'));
    expect(await readFile(run.dir.join('out', first!), 'utf8')).toBe('one\ntwo\n');
  });

  it('ROLLTIME names files by the time, with prefix and extension', async () => {
    const { port, lines } = await netcatLines(`
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.sink.directory = DIR/out
      a1.sinks.k1.sink.rollInterval = 0
      a1.sinks.k1.sink.pathManager = rolltime
      a1.sinks.k1.sink.pathManager.prefix = pp-
      a1.sinks.k1.sink.pathManager.extension = txt`);
    await using run = await runAgent(lines);
    await talk(port, 'one\n', 'OK\n');
    const names = await waitFor('the file', async () => {
      const found = await readdir(run.dir.join('out'));
      return found.length > 0 ? found : null;
    });
    expect(names).toEqual([expect.stringMatching(/^pp-\d{14}-1\.txt$/)]);
  });

  it('A8 a missing folder is no configuration error: each turn tells it, and nothing is lost', async () => {
    const { port, lines } = await netcatLines(`
      a1.sinks.k1.type = file_roll
      a1.sinks.k1.sink.directory = DIR/missing`);
    await using run = await runAgent(lines);
    await talk(port, 'one\n', 'OK\n');
    await waitFor('the failure', () => run.logged('Failed to open file').length > 0);
    expect(run.logged('Failed to open file')[0]).toMatch(
      /^error Unable to deliver event\. Exception follows\. Failed to open file .*\/missing\/\d+-1 while delivering event/,
    );
    expect(run.agent.counters().find(({ kind }) => kind === 'channel')?.attributes.ChannelSize).toBe('1');
  });
});

describe('E7: interceptors', () => {
  it('sets timestamp, host and static headers as they are told, in order', async () => {
    const { port, lines } = await netcatLines(`
      a1.sources.r1.interceptors = i1 i2 i3 i4
      a1.sources.r1.interceptors.i1.type = timestamp
      a1.sources.r1.interceptors.i2.type = org.apache.flume.interceptor.StaticInterceptor$Builder
      a1.sources.r1.interceptors.i3.type = static
      a1.sources.r1.interceptors.i3.key = dc
      a1.sources.r1.interceptors.i3.value = new
      a1.sources.r1.interceptors.i4.type = host`);
    await using run = await runAgent(lines + fileSink);
    await talk(port, 'x\n', 'OK\n');
    const text = await waitForText(run.dir.join('out'), ' x\n');
    expect(text).toMatch(/^\{.*\} x\n$/);
    const headers = Object.fromEntries(
      text
        .slice(1, text.indexOf('}'))
        .split(', ')
        .map((pair) => pair.split('=')),
    );
    expect(Object.keys(headers).sort()).toEqual(['dc', 'host', 'key', 'timestamp']);
    expect(headers).toMatchObject({ dc: 'new', key: 'value' });
    expect(headers.timestamp).toMatch(/^\d{13}$/);
    expect(headers.host).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  it('replaces in bodies, removes headers by list and pattern, and filters, in order', async () => {
    const { port, lines } = await netcatLines(`
      a1.sources.r1.interceptors = i1 i2 i3 i4 i5
      a1.sources.r1.interceptors.i1.type = static
      a1.sources.r1.interceptors.i1.key = tmp1
      a1.sources.r1.interceptors.i2.type = static
      a1.sources.r1.interceptors.i2.key = yy
      a1.sources.r1.interceptors.i3.type = search_replace
      a1.sources.r1.interceptors.i3.searchPattern = ([a-z])([0-9])
      a1.sources.r1.interceptors.i3.replaceString = $2$1
      a1.sources.r1.interceptors.i4.type = remove_header
      a1.sources.r1.interceptors.i4.matching = tmp.*
      a1.sources.r1.interceptors.i4.fromList = zz , yy
      a1.sources.r1.interceptors.i5.type = regex_filter
      a1.sources.r1.interceptors.i5.regex = DROP
      a1.sources.r1.interceptors.i5.excludeEvents = true`);
    await using run = await runAgent(lines + fileSink);
    await talk(port, '12-abc a1b2\nxxDROPxx\n99- z9\n', 'OK\nOK\nOK\n');
    const text = await waitForText(run.dir.join('out'), '9z\n');
    expect(text).toBe('{} 12-abc 1a2b\n{} 99- 9z\n');
  });
});
