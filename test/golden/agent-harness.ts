import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { Agent, type AgentOptions } from '../../packages/millrace/src/agent/agent.ts';
import { recordingLogger } from '../../packages/millrace/src/component/testing/context.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';

/** A running agent from a piece of Flume configuration, its log and its folder. */
export interface RunningAgent extends AsyncDisposable {
  readonly agent: Agent;
  readonly dir: TempDir;
  readonly configFile: string;
  /** All log lines, `level message`. */
  readonly lines: string[];
  /** Those that contain the text. */
  logged(text: string): string[];
}

/**
 * Runs agent a1 with the skeleton of the golden cases (r1, c1 memory, k1) and the given lines, which may override it.
 * `DIR` in them stands for the case's folder; in it there is an empty folder `out`.
 */
export async function runAgent(
  lines: string | ((dir: TempDir) => Promise<string>),
  options: AgentOptions = {},
): Promise<RunningAgent> {
  const dir = tempDir();
  const configFile = dir.join('f.conf');
  await mkdir(dir.join('out'));
  await writeFile(configFile, configText(typeof lines === 'function' ? await lines(dir) : lines, dir));
  const log = recordingLogger();
  const agent = await Agent.fromFile(configFile, 'a1', { log, reloadIntervalMs: 0, drainMs: 0, ...options });
  await agent.start();
  return {
    agent,
    dir,
    configFile,
    lines: log.lines,
    logged: (text) => log.lines.filter((line) => line.includes(text)),
    [Symbol.asyncDispose]: async () => {
      await agent.stop();
      dir[Symbol.dispose]();
    },
  };
}

/** The text of the file: the skeleton, then the lines. */
export function configText(lines: string, dir: TempDir): string {
  const own = lines
    .replaceAll('DIR', dir.path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const skeleton = [
    'a1.sources = r1',
    'a1.channels = c1',
    'a1.sinks = k1',
    'a1.channels.c1.type = memory',
    'a1.sinks.k1.type = logger',
    'a1.sources.r1.channels = c1',
    'a1.sinks.k1.channel = c1',
  ];
  return `${[...skeleton, ...own].join('\n')}\n`;
}

/** The lines of a netcat source on a free port. */
export async function netcatLines(more = ''): Promise<{ port: number; lines: string }> {
  const port = await freePort();
  return {
    port,
    lines: `a1.sources.r1.type = netcat\na1.sources.r1.bind = 127.0.0.1\na1.sources.r1.port = ${port}\n${more}`,
  };
}

/**
 * Sends text to a port and gives what comes back: until the peer closes, or until `until` is in it; then closes.
 */
export function talk(port: number, text: string | Buffer, until?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (data) => {
      answer += data;
      if (until !== undefined && answer.includes(until)) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
