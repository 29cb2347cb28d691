/**
 * `flume-ng avro-client`: sends the lines of a file, of the files of a folder, or of standard input to an avro source.
 * As with Flume the exit code is 0 whatever happens: what went wrong is told, with Flume's words before it.
 */
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type HostPolicy, HostsClient } from '../clients/rpc/hosts-client.ts';
import { avroClientOptions, avroConnector } from '../components/rpc/avro-client.ts';
import { parseOptions } from '../config/parse-options.ts';
import { parseProperties } from '../config/properties.ts';
import type { Property } from '../config/properties-model.ts';
import { encodeLines } from '../records/encode-lines.ts';
import type { Headers } from '../records/event-batch.ts';
import { formatDiagnostic, printable } from '../runtime/diagnostics.ts';
import { MillraceError } from '../runtime/errors.ts';
import { collect, command, runCommand } from './command.ts';
import { exitCodes, type Io } from './io.ts';
import { javaWords } from './java-words.ts';

interface Flags {
  readonly rpcProps?: string;
  readonly host?: string;
  readonly port?: string;
  readonly filename?: string;
  readonly dirname?: string;
  readonly headerFile?: string;
}

/** Without a file of properties; Flume's own. */
const usualBatch = 5;
const done = '.COMPLETED';

export async function run(argv: readonly string[], io: Io): Promise<number> {
  const parsed = command(
    {
      name: 'flume-ng avro-client',
      summary:
        'Sends lines to an avro source, one event each: of a file, of the files of a folder, or of standard input. As with Flume the exit code is 0 also when something went wrong; standard error tells.',
      examples: ['flume-ng avro-client -H localhost -p 4545 -F /var/log/app.log -R headers.properties'],
    },
    io,
  )
    .option('-H, --host <host>', 'host of the avro source')
    .option('-p, --port <port>', 'its port')
    .option(
      '-P, --rpcProps <file>',
      'properties of the client: hosts, hosts.NAME, client.type, batch-size and so on',
    )
    .option('-F, --filename <file>', 'file to send')
    .option(
      '--dirname <dir>',
      `folder of files that change no more; each is renamed to NAME${done} when it is sent`,
    )
    .option('-R, --headerFile <file>', 'properties file: headers of every event')
    .option('-c, --conf <dir>', 'no effect')
    .option('-D <property=value>', 'no effect', collect, []);
  const names = ['rpcProps', 'port', 'host', 'filename', 'dirname', 'headerFile', 'conf', 'help'];
  await runCommand(parsed, javaWords(argv, names, {}), io, async () => {
    await send(parsed.opts<Flags>(), io).catch((error: unknown) => {
      throw untried(error);
    });
    return exitCodes.ok;
  });
  return exitCodes.ok;
}

async function send(flags: Flags, io: Io): Promise<void> {
  const at = (path: string) => resolve(io.cwd, path);
  if (flags.filename !== undefined && flags.dirname !== undefined)
    throw new MillraceError('USAGE', '--filename and --dirname options cannot be used simultaneously');
  const { client, batchEvents } = await clientOf(flags, io);
  try {
    const headers = flags.headerFile === undefined ? new Map() : await propertiesOf(at(flags.headerFile));
    const sending = { client, batchEvents, headers };
    if (flags.dirname !== undefined) await sendFolder(at(flags.dirname), sending);
    else if (flags.filename !== undefined) await sendLines(createReadStream(at(flags.filename)), sending);
    else await sendLines(io.stdin as AsyncIterable<Buffer>, sending);
  } finally {
    client.close();
  }
}

/** What an agent would try again, this command does not. */
function untried(error: unknown): unknown {
  if (!(error instanceof MillraceError && error.retryable)) return error;
  return new MillraceError(error.code, error.message, {
    cause: error,
    remedy:
      'Nothing is tried again. What was sent before this has arrived: send the rest when the peer takes it.',
    details: error.details,
  });
}

interface Sending {
  readonly client: HostsClient;
  readonly batchEvents: number;
  readonly headers: Headers;
}

/** What came is sent at once, in calls of at most so many events; nothing is read meanwhile. */
async function sendLines(input: AsyncIterable<Buffer | string>, { client, batchEvents, headers }: Sending) {
  let left: Buffer = Buffer.alloc(0);
  const options = { maxEvents: batchEvents, stripCarriageReturn: true };
  const sendWhole = async (): Promise<void> => {
    let at = 0;
    for (;;) {
      const { batch, consumed } = encodeLines(left, at, left.length, { ...options, timestampMs: Date.now() });
      if (batch === null) break;
      await client.append([batch.withSharedHeaders(headers)]);
      at += consumed;
    }
    left = left.subarray(at);
  };
  for await (const chunk of input) {
    left = Buffer.concat([left, typeof chunk === 'string' ? Buffer.from(chunk) : chunk]);
    await sendWhole();
  }
  if (left.length > 0) {
    left = Buffer.concat([left, Buffer.from('\n')]);
    await sendWhole();
  }
}

/** The oldest first, until there is none that was not sent. */
async function sendFolder(dir: string, sending: Sending): Promise<void> {
  for (;;) {
    const names = (await readdir(dir)).filter((name) => !name.startsWith('.') && !name.endsWith(done));
    const files: { path: string; mtimeMs: number }[] = [];
    for (const name of names) {
      const path = join(dir, name);
      const found = await stat(path);
      if (found.isFile()) files.push({ path, mtimeMs: found.mtimeMs });
    }
    if (files.length === 0) return;
    files.sort((a, b) => a.mtimeMs - b.mtimeMs || (a.path < b.path ? -1 : 1));
    for (const { path } of files) {
      await sendLines(createReadStream(path), sending);
      await rename(path, path + done);
    }
  }
}

async function propertiesOf(path: string): Promise<Map<string, string>> {
  const { properties } = parseProperties(await readFile(path), path);
  return new Map([...properties.values()].map(({ key, value }) => [key, value]));
}

async function clientOf(flags: Flags, io: Io): Promise<{ client: HostsClient; batchEvents: number }> {
  const given = flags.rpcProps === undefined ? null : await propertiesOf(resolve(io.cwd, flags.rpcProps));
  const properties = given ?? hostProperties(flags);
  const place = { file: flags.rpcProps ?? 'the command line', line: 0, column: 0 };
  const isOurs = (key: string) =>
    Object.hasOwn(avroClientOptions, key) || key in avroClientOptions.tls.options;
  const parsed = parseOptions({
    spec: avroClientOptions,
    properties: new Map(
      [...properties]
        .filter(([key]) => isOurs(key))
        .map(([key, value]): [string, Property] => [key, { key, value, keyPlace: place, valuePlace: place }]),
    ),
    component: 'avro-client',
    place,
  });
  for (const diagnostic of parsed.diagnostics) io.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
  if (parsed.dropReason !== undefined) throw new MillraceError('USAGE', parsed.dropReason);
  const policy = policyOf(properties);
  const connectorOf = await avroConnector(parsed.values, 'avro-client');
  const hosts = hostsOf(properties).map(({ alias, host, port }) => ({
    name: `${alias}{${host}:${port}}`,
    connect: connectorOf(host, port),
  }));
  if (policy.kind === 'default_loadbalance' && hosts.length < 2)
    throw new MillraceError('USAGE', 'At least two hosts are required to use the load balancing RPC client.');
  const told = (failure: string) => io.stderr.write(`Client failed: ${printable(failure)}\n`);
  const client = new HostsClient(hosts, policy, policy.kind === 'default' ? () => {} : told);
  return { client, batchEvents: parsed.values['batch-size'] };
}

function hostProperties({ host, port }: Flags): Map<string, string> {
  if (host === undefined && port === undefined)
    throw new MillraceError('USAGE', 'Either --rpcProps or both --host and --port must be specified.');
  if (port === undefined)
    throw new MillraceError('USAGE', 'You must specify a port to connect to with --port');
  if (host === undefined)
    throw new MillraceError('USAGE', 'You must specify a hostname to connect to with --host');
  return new Map([
    ['hosts', 'h1'],
    ['hosts.h1', `${host}:${port}`],
    ['batch-size', String(usualBatch)],
  ]);
}

/** `hosts = h1 h2`, `hosts.h1 = host:port`; an alias without an address is left out, as in Flume. */
function hostsOf(properties: ReadonlyMap<string, string>): { alias: string; host: string; port: number }[] {
  const aliases = (properties.get('hosts') ?? '').split(/\s+/).filter((alias) => alias !== '');
  const hosts = aliases.flatMap((alias) => {
    const address = properties.get(`hosts.${alias}`);
    if (address === undefined) return [];
    const [, host = '', port = ''] = /^([^:]+):(\d+)$/.exec(address.trim()) ?? [];
    if (host === '' || Number(port) > 65535)
      throw new MillraceError(
        'USAGE',
        `Invalid host address ${printable(address)}: write hosts.${alias} = HOST:PORT`,
      );
    return [{ alias, host: host.trim(), port: Number(port) }];
  });
  if (hosts.length === 0)
    throw new MillraceError('USAGE', 'Hosts list is invalid: write hosts = h1 and hosts.h1 = HOST:PORT');
  return hosts;
}

const defaultMaxBackoffMs = 30_000;

function policyOf(properties: ReadonlyMap<string, string>): HostPolicy {
  const kind = (properties.get('client.type') ?? 'default').trim().toLowerCase() || 'default';
  const number = (key: string, otherwise: number): number => {
    const written = properties.get(key)?.trim() ?? '';
    return /^\d+$/.test(written) ? Number(written) : otherwise;
  };
  switch (kind) {
    case 'default':
      return { kind };
    case 'default_failover':
      return { kind, maxAttempts: number('max-attempts', 0) };
    case 'default_loadbalance': {
      const selector = (properties.get('host-selector') ?? 'round_robin').trim().toLowerCase();
      if (selector !== 'round_robin' && selector !== 'random')
        throw new MillraceError('USAGE', `Unable to instantiate host selector: ${printable(selector)}`, {
          remedy: 'Write host-selector = round_robin or random.',
        });
      const backoff = properties.get('backoff')?.trim().toLowerCase() === 'true';
      return { kind, selector, backoff, maxBackoffMs: number('maxBackoff', 0) || defaultMaxBackoffMs };
    }
    default:
      throw new MillraceError('USAGE', `No such client! client.type = ${printable(kind)}`, {
        remedy: 'Write default, default_failover or default_loadbalance.',
      });
  }
}
