/** docs/migrating-from-flume.md, as a new user goes through it: its commands, in its order, beside a real Flume 1.11. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { binPath } from '../../packages/testkit/src/process/millrace.ts';
import { ManagedProcess } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/migrating-from-flume.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text!);

/** Where the events go: takes them, or says that it can't just now. */
class Collector implements AsyncDisposable {
  readonly #server: Server;
  readonly taken: string[] = [];
  isUp = true;
  refused = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(port: number): Promise<Collector> {
    const server = createServer();
    const made = new Collector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (made.isUp) made.taken.push(Buffer.concat(chunks).toString());
        else made.refused++;
        response.statusCode = made.isUp ? 200 : 503;
        response.end();
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A folder in which the page's words mean this checkout's programs. */
function programsIn(dir: TempDir): NodeJS.ProcessEnv {
  mkdirSync(dir.join('bin'));
  for (const bin of ['millrace', 'flume-ng'] as const) {
    writeFileSync(dir.join(`bin/${bin}`), `#!/bin/sh\nexec '${process.execPath}' '${binPath(bin)}' "$@"\n`);
    chmodSync(dir.join(`bin/${bin}`), 0o755);
  }
  return { ...process.env, PATH: `${dir.join('bin')}:${process.env.PATH}` };
}

const run = promisify(execFile);

it('a running Flume is replaced, and back: every line arrives once', async () => {
  using dir = tempDir('millrace-migrating-');
  const at = dir.join('work');
  for (const name of ['logs', 'incoming', 'conf']) mkdirSync(join(at, name), { recursive: true });
  const env = programsIn(dir);
  const [collectorPort = 0, monitoringPort = 0] = await freePorts(2);
  const here = (text: string) =>
    text
      .replaceAll('/srv/agent', at)
      .replaceAll('8089', String(collectorPort))
      .replaceAll('41414', String(monitoringPort));
  const [conf, check, stop, importing, start, look, cleanUp, goBack] = [
    ...blocks('properties'),
    ...blocks('sh'),
  ].map(here) as [string, ...string[]];
  const shell = (script: string | undefined, more: NodeJS.ProcessEnv = {}) =>
    run('bash', ['-euc', script!], { cwd: at, env: { ...env, ...more }, timeout: 120_000 });

  let lines = 0;
  const write = (count: number) => {
    const text = Array.from({ length: count }, () => `line ${lines++}\n`).join('');
    appendFileSync(join(at, 'logs/app.log'), text);
  };
  const spool = (name: string, count: number) => {
    const text = Array.from({ length: count }, () => `line ${lines++}\n`).join('');
    writeFileSync(join(dir.path, name), text);
    writeFileSync(join(at, 'incoming', name), text);
  };
  await using collector = await Collector.start(collectorPort);
  const allArrived = () =>
    waitFor(`${lines} lines to arrive`, () => collector.taken.length >= lines, { timeoutMs: 60_000 });

  {
    await using flume = await RealFlume.start({ conf, dir: at, beside: ['flume-http-sink'] });
    write(50);
    spool('first', 30);
    await allArrived();
    collector.isUp = false;
    spool('second', 300);
    write(200);
    await waitFor('Flume to hold what the collector refuses', () => collector.refused > 0, {
      timeoutMs: 60_000,
    });
    const done = () => existsSync(join(at, 'incoming/second.COMPLETED'));
    await waitFor('the spooled file to be read', done, { timeoutMs: 60_000 });
    await shell(check);
    await shell(stop, { FLUME_PID: String(flume.pid) });
  }
  const { stdout } = await shell(importing);
  const held = Number(/^(\d+) imported into/m.exec(stdout)?.[1]);
  expect(stdout).toContain(`${held} events in ${join(at, 'file-channel/data')} were not delivered`);
  expect(held, 'the spooled file is in the channel, and at most all of the other').toBeGreaterThanOrEqual(
    300,
  );

  {
    const words = ['-euc', `exec ${start!.trim()}`];
    await using millrace = await ManagedProcess.spawn('bash', words, { name: 'millrace', cwd: at, env });
    collector.isUp = true;
    write(40);
    spool('third', 20);
    await allArrived();
    const { stdout: seen } = await shell(look);
    expect(seen).toContain('"CHANNEL.c1"');
    await shell(cleanUp);
    await millrace.stop({ graceMs: 30_000 });
  }
  await shell(goBack);
  {
    await using flume = await RealFlume.start({ conf, dir: at, beside: ['flume-http-sink'] });
    write(25);
    spool('fourth', 15);
    await allArrived();
    await flume.stop();
  }
  const wanted = Array.from({ length: lines }, (_, i) => `line ${i}`);
  expect([...collector.taken].sort()).toEqual([...wanted].sort());
});
