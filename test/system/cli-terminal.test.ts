/** `millrace start` in a real terminal: what its cells show, at several widths and after a resize. */
import { appendFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { binPath, startMillrace } from '../../packages/testkit/src/process/millrace.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { Terminal, type TerminalOptions } from '../../packages/testkit/src/process/terminal.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

interface Started extends AsyncDisposable {
  readonly terminal: Terminal;
  readonly servers: string;
  readonly log: string;
}

async function start(size: TerminalOptions): Promise<Started> {
  const dir = tempDir();
  const [broker, http] = await freePorts(2);
  const servers = `127.0.0.1:${broker}`;
  const args = ['start', '--dir', 'data', '--listen', servers, '--http', `127.0.0.1:${http}`];
  const terminal = await Terminal.run([process.execPath, binPath('millrace'), ...args], {
    cwd: dir.path,
    ...size,
  });
  await terminal.waitForLine(/ready in \d+ ms/);
  return {
    terminal,
    servers,
    log: dir.join('data', 'flume.log'),
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const isStatus = (text: string): boolean => /\bin [\d,]+\/s\b/.test(text);

/** The one status line of the screen; fails where there are several, or where it is glued to something. */
async function statusLine(terminal: Terminal): Promise<string> {
  const shown = await waitFor('one status line', async () => {
    const found = (await terminal.lines()).filter(({ text }) => isStatus(text));
    return found.length === 1 ? found : null;
  });
  expect(shown[0]!.text).toMatch(/^(\d+ not ready {2})?in [\d,]+\/s\W+out [\d,]+\/s/);
  return shown[0]!.text;
}

async function say(servers: string, ...lines: string[]): Promise<void> {
  const args = ['kafka-console-producer', '--bootstrap-server', servers, '--topic', 'back'];
  await runToEnd(process.execPath, [binPath('millrace'), ...args], {
    stdin: lines.map((line) => `${line}\n`).join(''),
  });
}

/** Consumes one line of topic test, as a user does, to its end. */
async function consumeOne(servers: string): Promise<void> {
  const topic = ['--topic', 'test', '--from-beginning', '--max-messages', '1'];
  await runToEnd(process.execPath, [
    binPath('millrace'),
    'kafka-console-consumer',
    '--bootstrap-server',
    servers,
    ...topic,
  ]);
}

test.each([
  { columns: 80, rows: 40, to: { columns: 61, rows: 40 } },
  { columns: 120, rows: 40, to: { columns: 80, rows: 30 } },
  { columns: 80, rows: 40, to: { columns: 120, rows: 45 } },
])(
  '$columns columns, resized to $to.columns: log lines, ended consumers and the instructions',
  async (size) => {
    await using started = await start(size);
    const { terminal, servers } = started;
    appendFileSync(started.log, 'one\ntwo\nthree\n');
    await statusLine(terminal);

    await say(servers, 'first event', 'second event');
    await terminal.waitForLine(/second event \}$/);
    await Promise.all([consumeOne(servers), consumeOne(servers), consumeOne(servers)]);
    // They came, and with their last member they go.
    await waitFor(
      'no ended consumer',
      async () => !(await statusLine(terminal)).includes('console-consumer'),
    );

    await terminal.resize(size.to.columns, size.to.rows);
    await say(servers, 'after the resize');
    await terminal.waitForLine(/after the resize \}$/);
    const status = await statusLine(terminal);
    expect(status.length).toBeLessThan(size.to.columns);
    expect(status).toMatch(/lag store \d/);

    const lines = await terminal.lines();
    const texts = lines.map(({ text }) => text);
    const whole = await terminal.text();
    // What was to be tried is still there, whole; each log line begins a line of its own.
    expect(whole).toContain('Try, in another terminal:\n');
    expect(whole).toMatch(/^ {2}echo hello >> data\/flume\.log && sleep 2 && cat data\/destination\/\*$/m);
    expect(whole).toMatch(/^ {2}curl -s http:\/\/127\.0\.0\.1:\d+\/metrics$/m);
    for (const event of ['first event', 'second event', 'after the resize']) {
      const line = whole.split('\n').find((text) => text.includes(`${event} }`));
      expect(line).toMatch(/^\d{4}-\d\d-\d\d .* Event: \{/);
    }
    // The status is the last thing on the screen, on one row, with the cursor at its beginning.
    expect(texts.at(-1)).toBe(status);
    expect(lines.at(-1)!.isWrapped).toBe(false);
    expect(await terminal.cursor()).toEqual({ column: 0 });

    terminal.type('\x03');
    expect(await terminal.process.exited).toEqual({ code: 0, signal: null });
    const end = (await terminal.lines()).map(({ text }) => text);
    expect(end.filter(isStatus)).toEqual([]);
    expect(end.join('\n')).toMatch(/agent collect: 3 events in, 3 out, 0 held, 0 lost/);
    expect(end.join('\n')).toMatch(/topic test: 3 records, \d+ bytes/);
  },
);

describe('what the terminal is not', () => {
  test('a width that is not known is 80', async () => {
    await using started = await start({ columns: 0, rows: 30 });
    const status = await statusLine(started.terminal);
    expect(status.length).toBeLessThan(80);
  });

  test('NO_COLOR: no colour, and the line lives all the same', async () => {
    await using started = await start({ columns: 80, rows: 30, env: { NO_COLOR: '1' } });
    await statusLine(started.terminal);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    expect(started.terminal.raw).not.toMatch(/\x1b\[[\d;]*m/);
  });

  test('with colours, words are coloured', async () => {
    await using started = await start({ columns: 80, rows: 30, env: { NO_COLOR: '' } });
    await statusLine(started.terminal);
    expect(started.terminal.raw).toContain('\x1b[32mready in');
  });

  test('TERM=dumb: no escapes at all', async () => {
    await using started = await start({ columns: 80, rows: 30, env: { TERM: 'dumb' } });
    expect(started.terminal.raw).not.toContain('\x1b');
  });

  test('a pipe: plain lines, no escapes', async () => {
    await using dir = tempDir();
    const [broker, http] = await freePorts(2);
    const ports = ['--listen', `127.0.0.1:${broker}`, '--http', `127.0.0.1:${http}`];
    await using piped = await startMillrace(['start', '--dir', 'data', ...ports], { cwd: dir.path });
    await piped.waitForLine(/^ready in/);
    await piped.waitForLine(/^in 0\/s {2}out 0\/s/);
    await piped.stop({ signal: 'SIGINT', graceMs: 60_000 });
    expect(piped.stdout + piped.stderr).not.toContain('\x1b');
  });
});
