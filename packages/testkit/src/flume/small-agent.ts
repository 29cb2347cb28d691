/** A small agent for tests of whole processes: netcat → channel → sink, lines sent to it one by one. */
import { runToEnd } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

/** Lines of a Flume file for one agent: netcat → channel → sink. */
export function agentFile(
  port: number,
  channel: readonly string[],
  sink: readonly string[],
  name = 'a',
): string {
  const lines = [
    'sources = r',
    'channels = c',
    'sinks = k',
    'sources.r.type = netcat',
    'sources.r.bind = 127.0.0.1',
    `sources.r.port = ${port}`,
    'sources.r.channels = c',
    ...channel.map((line) => `channels.c.${line}`),
    ...sink.map((line) => `sinks.k.${line}`),
    'sinks.k.channel = c',
  ];
  return lines.map((line) => `${name}.${line}\n`).join('');
}
/** A sink whose destination is away. */
export const nowhere = [
  'type = org.apache.flume.sink.kafka.KafkaSink',
  'kafka.bootstrap.servers = 127.0.0.1:1',
];
export const memory = ['type = memory'];

/** Sends lines and waits for the OK of each: they are in the channel. */
export async function send(port: number, lines: number): Promise<void> {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; for i in $(seq ${lines}); do echo "line $i" >&3; head -1 <&3; done`;
  const answers = (await runToEnd('bash', ['-c', script])).stdout;
  if (answers !== 'OK\n'.repeat(lines)) throw new Error(`the source answered ${answers}`);
}

export const listens = (port: number) =>
  waitFor(
    'the source',
    async () => (await runToEnd('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`])).code === 0,
  );
