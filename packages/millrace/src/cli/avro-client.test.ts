import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { freePorts } from '../../../testkit/src/net/free-port.ts';
import { runCli } from '../../../testkit/src/process/cli-io.ts';
import type { Source } from '../component/source.ts';
import { contextFor } from '../component/testing/context.ts';
import { bodiesOf } from '../component/testing/test-api.ts';
import { avroSource } from '../components/rpc/avro-source.ts';
import type { EventBatch } from '../records/event-batch.ts';
import { run } from './flume-ng.ts';

const sources: Source[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
});

/** An avro source, with the calls that it took. */
async function receiver(refuses = false) {
  const [port = 0] = await freePorts(1);
  const calls: EventBatch[] = [];
  const source = avroSource.create({
    ...contextFor(avroSource, { bind: '127.0.0.1', port }),
    channels: {
      put: async (batch) => {
        if (refuses) throw new Error('it is full');
        calls.push(batch);
      },
    },
  });
  await source.start();
  sources.push(source);
  return { port, calls, bodies: () => calls.flatMap(bodiesOf) };
}

const client = (argv: readonly (string | number)[], stdin = '') =>
  runCli(run, ['avro-client', ...argv.map(String)], { stdin });
const to = (port: number) => ['-H', '127.0.0.1', '-p', port];

describe('flume-ng avro-client', () => {
  it('sends the lines of a file, five with a call, with the headers of another', async () => {
    using dir = tempDir();
    const { port, calls, bodies } = await receiver();
    writeFileSync(dir.join('lines'), 'one\ntwo\r\n\nvier €\nfive\nsix\nwithout an end');
    writeFileSync(dir.join('headers'), '# of every event\nhost = h1\nkind:test\n');
    const words = ['--filename', dir.join('lines'), '-R', dir.join('headers')];
    expect(await client([...to(port), ...words])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(bodies()).toEqual(['one', 'two', '', 'vier €', 'five', 'six', 'without an end']);
    expect(calls[0]!.count).toBe(5);
    for (const event of calls.flatMap((batch) => [...batch]))
      expect(Object.fromEntries(event.headers())).toEqual({ host: 'h1', kind: 'test' });
  });

  it('sends what comes on standard input', async () => {
    const { port, bodies } = await receiver();
    await client(to(port), 'a\nb\n');
    expect(bodies()).toEqual(['a', 'b']);
  });

  it('sends the files of a folder, the oldest first, and renames each', async () => {
    using dir = tempDir();
    const { port, bodies } = await receiver();
    for (const [i, name] of ['b', 'a', '.hidden', 'old.COMPLETED'].entries()) {
      writeFileSync(dir.join(name), `${name}\n`);
      utimesSync(dir.join(name), i + 1, i + 1);
    }
    expect((await client([...to(port), '--dirname', dir.join('.')])).stderr).toBe('');
    expect(bodies()).toEqual(['b', 'a']);
    expect(readdirSync(dir.join('.')).sort()).toEqual([
      '.hidden',
      'a.COMPLETED',
      'b.COMPLETED',
      'old.COMPLETED',
    ]);
  });

  it('shares its calls between hosts, or goes to the next when one fails', async () => {
    using dir = tempDir();
    const [first, second, full] = [await receiver(), await receiver(), await receiver(true)];
    const [nobody = 0] = await freePorts(1);
    const lines = Array.from({ length: 20 }, (_, i) => `${i}`);
    const ask = async (type: string, ports: readonly number[], more = '') => {
      const hosts = ports.map((port, i) => `hosts.h${i} = 127.0.0.1:${port}\n`);
      const list = `hosts = ${ports.map((_, i) => `h${i}`).join(' ')}\n`;
      writeFileSync(
        dir.join('client'),
        `client.type = ${type}\nbatch-size = 4\n${list}${hosts.join('')}${more}`,
      );
      return await client(['-P', dir.join('client')], `${lines.join('\n')}\n`);
    };
    const took = () => {
      const all = [first, second].map(({ bodies, calls }) => {
        const found = bodies();
        calls.length = 0;
        return found;
      });
      expect(
        all
          .flat()
          .map(Number)
          .sort((a, b) => a - b),
      ).toEqual(lines.map(Number));
      return all.map(({ length }) => length);
    };
    expect((await ask('default_loadbalance', [first.port, second.port])).stderr).toBe('');
    expect(took()).toEqual([12, 8]);
    const { stderr } = await ask('default_loadbalance', [first.port, nobody, full.port], 'backoff = true\n');
    expect(took()).toEqual([20, 0]);
    // Each failed once, and is left out for its while.
    expect(stderr.match(/^Client failed: h\d/gm)).toEqual(['Client failed: h1', 'Client failed: h2']);
    await ask('DEFAULT_FAILOVER', [nobody, full.port, second.port, first.port]);
    expect(took()).toEqual([0, 20]);
    await ask('default', [first.port, second.port]);
    expect(took()).toEqual([20, 0]);
  });

  it.each<[words: (string | number)[], fault: string]>([
    [[], 'Either --rpcProps or both --host and --port must be specified.'],
    [['-H', 'h'], 'You must specify a port to connect to with --port'],
    [['-p', 1], 'You must specify a hostname to connect to with --host'],
    [['-F', 'x', '--dirname', 'y'], '--filename and --dirname options cannot be used simultaneously'],
    [['-H', 'h', '-p', 'x'], 'Invalid host address h:x'],
    [['-H', '127.0.0.1', '-p', 1], 'nobody listens there'],
    [['-P', '/nowhere'], '/nowhere'],
  ])('tells what is wrong, and ends with 0 as Flume does: %j', async (words, fault) => {
    const { code, stderr } = await client(words, 'a\n');
    expect(stderr).toContain(fault);
    expect(code).toBe(0);
  });

  it('sends nothing behind events that were refused', async () => {
    const { port } = await receiver(true);
    const { stderr } = await client(to(port), 'a\nb\n');
    expect(stderr).toContain('Avro RPC call returned Status: FAILED');
    expect(stderr).toContain('Nothing is tried again.');
    expect(stderr).not.toMatch(/by itself|will be/);
  });
});
