/** One agent with a source for each charset case, for Millrace and for Flume alike. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { execCharsetCases, netcatCharsetCases } from '../../../../test/golden/charset-cases.ts';
import { waitFor } from '../process/wait.ts';

/** The configuration of agent a1; makes the folders and files that it needs in `dir`. */
export function charsetConf(dir: string, ports: readonly number[]): string {
  const lines: string[] = [];
  const names: string[] = [];
  const add = (name: string, source: readonly string[]) => {
    names.push(name);
    mkdirSync(join(dir, name));
    lines.push(
      ...source.map((line) => `a1.sources.${name}.${line}`),
      `a1.sources.${name}.channels = ${name}`,
      `a1.channels.${name}.type = memory`,
      `a1.sinks.${name}.type = file_roll`,
      `a1.sinks.${name}.channel = ${name}`,
      `a1.sinks.${name}.sink.directory = ${join(dir, name)}`,
      `a1.sinks.${name}.sink.rollInterval = 0`,
    );
  };
  for (const [i, { encoding }] of netcatCharsetCases.entries()) {
    add(`n${i}`, ['type = netcat', 'bind = 127.0.0.1', `port = ${ports[i]}`, `encoding = ${encoding}`]);
  }
  for (const [i, { charset, output }] of execCharsetCases.entries()) {
    const file = join(dir, `output${i}`);
    writeFileSync(file, Buffer.from(output, 'hex'));
    add(`e${i}`, ['type = exec', `command = cat ${file}`, `charset = ${charset}`]);
  }
  for (const group of ['sources', 'channels', 'sinks']) lines.push(`a1.${group} = ${names.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

/** Sends what the netcat cases say; gives the answers, or `closed` where there was none. */
export async function netcatAnswers(ports: readonly number[]): Promise<string[][]> {
  return await Promise.all(
    netcatCharsetCases.map(async ({ sends }, i) => {
      const answers: string[] = [];
      for (const [sent, answer] of sends) answers.push(await talk(ports[i]!, sent, answer.length / 2));
      return answers;
    }),
  );
}

function talk(port: number, sent: string, answerBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(sent, 'hex')));
    let answer: Buffer = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      answer = Buffer.concat([answer, data]);
      if (answer.length >= answerBytes) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer.length === 0 ? 'closed' : answer.toString('hex')));
  });
}

/** What every case's sink has written, once it is as much as was expected. */
export async function writtenBodies(dir: string): Promise<{ netcat: string[]; exec: string[] }> {
  const read = async (name: string, expected: string): Promise<string> => {
    const written = () =>
      Buffer.concat(
        readdirSync(join(dir, name))
          .sort()
          .map((file): Buffer => readFileSync(join(dir, name, file))),
      ).toString('hex');
    await waitFor(`the events of ${name}`, () => written().length >= expected.length);
    return written();
  };
  return {
    netcat: await Promise.all(netcatCharsetCases.map(({ bodies }, i) => read(`n${i}`, bodies))),
    exec: await Promise.all(execCharsetCases.map(({ bodies }, i) => read(`e${i}`, bodies))),
  };
}
