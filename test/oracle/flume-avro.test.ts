/**
 * Avro between a real Flume 1.11 and Millrace, over one Flume: what our sink sends goes through Flume's avro source, a
 * channel and Flume's avro sink into our source, plain, compressed, over TLS, and both. Events come out as they went in.
 * And Flume's own clients, which share their load between two of our sources or fail over, lose nothing when one is
 * ended.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryOf } from '../../packages/millrace/src/component/delivery.ts';
import type { ChannelProcessor, Source } from '../../packages/millrace/src/component/source.ts';
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { avroSink } from '../../packages/millrace/src/components/rpc/avro-sink.ts';
import { avroSource } from '../../packages/millrace/src/components/rpc/avro-source.ts';
import { readTrustStore } from '../../packages/millrace/src/net/tls/trust-store.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { Deadline } from '../../packages/millrace/src/runtime/deadline.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { certificates, keystorePassword } from '../../packages/testkit/src/net/certificates.ts';
import { freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { javaCommand, log4jConfig } from '../../packages/testkit/src/process/java.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { javaProgram } from '../../scripts/lib/test-needs.ts';

const rounds = Number(process.env.MILLRACE_ORACLE_ROUNDS ?? 1) * 15;

type Properties = Record<string, string | number | boolean>;
const compressed: Properties = { 'compression-type': 'deflate' };
const serverTls: Properties = {
  ...{ ssl: true, keystore: certificates.pkcs12, 'keystore-type': 'PKCS12' },
  'keystore-password': keystorePassword,
};
const ways: Record<string, { source: Properties; ours: Properties; flumes: Properties }> = {
  plain: { source: {}, ours: {}, flumes: {} },
  deflate: { source: compressed, ours: compressed, flumes: compressed },
  tls: {
    source: serverTls,
    ours: { ssl: true, truststore: certificates.certificate },
    flumes: { ssl: true, 'trust-all-certs': true },
  },
  both: {
    source: { ...serverTls, ...compressed },
    ours: { ssl: true, truststore: certificates.certificate, ...compressed },
    flumes: { ssl: true, 'trust-all-certs': true, ...compressed },
  },
};

/** What is compared of an event. */
interface Plain {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One of our sources, with what it took. */
class Receiver {
  readonly events: Plain[] = [];
  readonly source: Source;
  readonly port: number;

  constructor(port: number, properties: Properties) {
    const channels: ChannelProcessor = {
      put: async (batch) => {
        for (const event of batch)
          this.events.push({
            headers: Object.fromEntries([...event.headers()].sort(([a], [b]) => (a < b ? -1 : 1))),
            body: event.body.toString('latin1'),
          });
      },
    };
    this.port = port;
    this.source = avroSource.create({
      ...contextFor(avroSource, { bind: '127.0.0.1', port, ...properties }),
      channels,
    });
  }
}

let dir: TempDir;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(() => {
  dir = tempDir('flume-avro-');
});
afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  dir[Symbol.dispose]();
});

const lineFor = (prefix: string, properties: Properties): string[] =>
  Object.entries(properties).map(([key, value]) => `${prefix}.${key} = ${value}`);

async function receiver(port: number, properties: Properties): Promise<Receiver> {
  const made = new Receiver(port, properties);
  await made.source.start();
  ends.push(() => made.source.stop());
  return made;
}

describe('events that go through a real Flume', () => {
  const names = Object.keys(ways);
  const receivers = new Map<string, Receiver>();
  const flumePorts = new Map<string, number>();

  beforeAll(async () => {
    const ports = await freePorts(2 * names.length);
    const lines = [`a1.sources = ${names.join(' ')}`, `a1.channels = ${names.join(' ')}`];
    lines.push(`a1.sinks = ${names.join(' ')}`);
    for (const [i, name] of names.entries()) {
      const { source, flumes } = ways[name]!;
      receivers.set(name, await receiver(ports[2 * i]!, source));
      flumePorts.set(name, ports[2 * i + 1]!);
      lines.push(
        ...lineFor(`a1.sources.${name}`, {
          type: 'avro',
          bind: '127.0.0.1',
          port: ports[2 * i + 1]!,
          ...source,
        }),
        `a1.sources.${name}.channels = ${name}`,
        ...lineFor(`a1.channels.${name}`, { type: 'memory', capacity: 10_000, transactionCapacity: 1000 }),
        ...lineFor(`a1.sinks.${name}`, {
          type: 'avro',
          hostname: '127.0.0.1',
          port: ports[2 * i]!,
          ...flumes,
        }),
        `a1.sinks.${name}.channel = ${name}`,
        `a1.sinks.${name}.batch-size = 7`,
      );
    }
    const flume = await RealFlume.start({ conf: `${lines.join('\n')}\n`, dir: dir.join('flume') });
    ends.push(() => flume.stop());
    for (const name of names) await flume.process.waitForLine(new RegExp(`Avro source ${name} started`));
  }, 120_000);

  it.each(names)(
    'come out as they went in: %s',
    async (name) => {
      const { seed } = chanceOf(`flume-avro ${name}`);
      const { ours } = ways[name]!;
      const sink = avroSink.create(
        contextFor(avroSink, { hostname: '127.0.0.1', port: flumePorts.get(name)!, ...ours }),
      );
      await sink.start();
      ends.push(() => sink.stop());
      const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed());
      const drawn = fc.sample(
        fc.array(fc.tuple(fc.dictionary(text, text, { maxKeys: 4 }), fc.uint8Array({ maxLength: 3000 })), {
          minLength: 1,
          maxLength: 30,
        }),
        { numRuns: rounds, seed },
      );
      const every = Uint8Array.from({ length: 256 }, (_, i) => i);
      drawn.push([
        [{ all: 'ä€😀\u0000' }, every],
        [{}, new Uint8Array(0)],
        [{ '': '' }, new Uint8Array(100_000).fill(255)],
      ]);
      const sent: Plain[] = [];
      for (const events of drawn) {
        const builder = new BatchBuilder();
        for (const [headers, body] of events) {
          builder.add(body, Object.entries(headers));
          sent.push({
            headers: Object.fromEntries(Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1))),
            body: Buffer.from(body).toString('latin1'),
          });
        }
        await sink.deliver(deliveryOf([builder.build()]), { signal: new AbortController().signal });
      }
      const { events } = receivers.get(name)!;
      await waitFor('all events', () => events.length >= sent.length);
      expect(events).toEqual(sent);
    },
    60_000,
  );
});

describe("Flume's own clients", () => {
  it.each([
    ['default_loadbalance', { 'host-selector': 'round_robin', backoff: 'true' }],
    ['default_failover', { 'max-attempts': '2' }],
  ])(
    '(%s) lose nothing when one of our two sources is ended',
    async (type, more) => {
      const [first, second] = await freePorts(2);
      const receivers = [await receiver(first!, {}), await receiver(second!, {})];
      const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}`);
      const input = dir.join(`${type}.txt`);
      writeFileSync(input, `${lines.join('\n')}\n`);
      const properties = dir.join(`${type}.properties`);
      const hosts = { hosts: 'h1 h2', 'hosts.h1': `127.0.0.1:${first}`, 'hosts.h2': `127.0.0.1:${second}` };
      const given = { 'client.type': type, 'batch-size': '5', ...hosts, ...more };
      writeFileSync(
        properties,
        Object.entries(given)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join(''),
      );
      const log4j = dir.join('client-log4j2.properties');
      writeFileSync(log4j, log4jConfig('INFO'));
      const { command, args } = await javaCommand(
        'flume',
        'org.apache.flume.client.avro.AvroCLIClient',
        ['--rpcProps', properties, '--filename', input],
        { log4j },
      );
      const running = runToEnd(command, args);
      await waitFor('events at the first', () => receivers[0]!.events.length > 50, { everyMs: 1 });
      await receivers[0]!.source.stop({ deadline: Deadline.in(0) });
      const { code } = await running;
      expect(code).toBe(0);
      const got = receivers.flatMap(({ events }) => events.map(({ body }) => body));
      expect(receivers[1]!.events.length).toBeGreaterThan(0);
      expect(receivers[0]!.events.length).toBeLessThan(lines.length);
      expect([...new Set(got)].sort()).toEqual([...lines].sort());
    },
    120_000,
  );
});

it.each(['JKS', 'PKCS12'])(
  "a truststore of keytool's (%s) gives the certificate that is in it",
  async (type) => {
    const path = dir.join(`trust.${type}`);
    const keytool = join(dirname(javaProgram()), 'keytool');
    const { code } = await runToEnd(keytool, [
      ...['-importcert', '-noprompt', '-alias', 'one', '-file', certificates.certificate],
      ...['-keystore', path, '-storetype', type, '-storepass', keystorePassword],
    ]);
    expect(code).toBe(0);
    const read = (password: string) => readTrustStore({ path, password, component: 'sink k1' });
    const [pem] = await read(keystorePassword);
    expect(pem).toContain('-----BEGIN CERTIFICATE-----');
    if (type === 'PKCS12')
      await expect(read('wrong')).rejects.toMatchObject({
        message: `sink k1: truststore ${path} can't be used: truststore-password does not open it`,
      });
  },
);
