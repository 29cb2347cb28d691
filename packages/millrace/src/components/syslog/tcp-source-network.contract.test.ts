import { describe, it } from 'vitest';
import { certificates, keystorePassword } from '../../../../testkit/src/net/certificates.ts';
import { freePort } from '../../../../testkit/src/net/free-port.ts';
import { contextFor } from '../../component/testing/context.ts';
import {
  endless,
  type NetworkSourceLimits,
  type NetworkSourceSetup,
  type StrangeBytes,
} from '../../component/testing/network-fixture.ts';
import { networkSourceContract } from '../../component/testing/network-source-contract.ts';
import { multiportSyslogTcpSource } from './multiport-source.ts';
import { syslogTcpSource } from './tcp-source.ts';

const stamp = '<13>Nov 22 10:11:12 h ';
const message = (bodies: readonly string[]) =>
  Buffer.from(bodies.map((body) => `${stamp}${body}\n`).join(''));
const line = (text: string) => Buffer.from(`${text}\n`, 'latin1');

const propertiesOf = (limits: NetworkSourceLimits) => ({
  maxConnections: limits.maxConnections,
  requestTimeout: limits.requestMs,
  eventSize: limits.messageBytes,
  maxWaitingBytes: limits.waitingBytes,
  ...(limits.tls ? { ssl: true, keystore: certificates.pkcs12, 'keystore-password': keystorePassword } : {}),
});

/** What both sources make the same of; `unread`: of a message that is no text. */
const strange: readonly StrangeBytes[] = [
  {
    what: 'a message over the limit',
    bytes: () => line('x'.repeat(2500)),
    comes: [1000, 1000, 500].map((bytes) => 'x'.repeat(bytes)),
  },
  {
    what: 'a message without end',
    bytes: () => Buffer.alloc(100_000, 'x'),
    comes: Array.from({ length: 100 }, () => 'x'.repeat(1000)),
  },
  { what: 'newlines alone', bytes: () => Buffer.alloc(100_000, '\n'), comes: [] },
  {
    what: 'a priority without end',
    bytes: () => line(`<${'9'.repeat(500)}>x`),
    comes: [`<${'9'.repeat(500)}>x`],
  },
  { what: 'a priority that is none', bytes: () => line('<-1>x'), comes: ['<-1>x'] },
  {
    what: 'the greeting of TLS',
    bytes: () => Buffer.from('16030100c8010000c40303', 'hex'),
    comes: 'nothing',
  },
];

const createTcp =
  (more: Record<string, string> = {}): NetworkSourceSetup['create'] =>
  async (channels, limits) => {
    const port = await freePort();
    const properties = { host: '127.0.0.1', port, ...propertiesOf(limits), ...more };
    const context = contextFor(syslogTcpSource, properties);
    return { source: syslogTcpSource.create({ ...context, channels }), port };
  };

networkSourceContract({ describe, it }, 'syslogtcp', {
  create: createTcp(),
  language: { message },
  full: 'waits',
  tls: true,
  strange: [
    ...strange,
    { what: 'bytes that are no UTF-8', bytes: () => line(`${stamp}\xff\xfe\xc3(`), comes: ['\xff\xfe\xc3('] },
    { what: 'ISO-8859-1', bytes: () => line(`${stamp}caf\xe9`), comes: ['caf\xe9'] },
    { what: 'bytes of zero', bytes: () => line(`${stamp}a\0b`), comes: ['a\0b'] },
  ],
});

networkSourceContract({ describe, it }, 'multiport_syslogtcp', {
  create: async (channels, limits) => {
    const port = await freePort();
    const properties = { host: '127.0.0.1', ports: String(port), ...propertiesOf(limits) };
    const context = contextFor(multiportSyslogTcpSource, properties);
    return { source: multiportSyslogTcpSource.create({ ...context, channels }), port };
  },
  language: { message },
  full: 'waits',
  tls: true,
  strange: [
    ...strange,
    // Invalid, so the body is all of it.
    {
      what: 'bytes that are no UTF-8',
      bytes: () => line(`${stamp}\xff\xfe\xc3(`),
      comes: [`${stamp}\xff\xfe\xc3(`],
    },
    { what: 'ISO-8859-1', bytes: () => line(`${stamp}caf\xe9`), comes: [`${stamp}caf\xe9`] },
  ],
});

const counted = (text: string) => `${Buffer.byteLength(text)} ${text}`;

networkSourceContract({ describe, it }, 'syslogtcp, octet counting', {
  create: createTcp({ framing: 'octetCounting' }),
  language: { message: (bodies) => Buffer.from(bodies.map((body) => counted(stamp + body)).join('')) },
  full: 'waits',
  tls: true,
  strange: [
    { what: 'a line', bytes: () => message(['x']), comes: 'closed' },
    { what: 'a length without end', bytes: () => endless('9'), comes: 'closed' },
    { what: 'a length of 2^31', bytes: () => Buffer.from('2147483648 x'), comes: 'closed' },
    { what: 'a length of nothing', bytes: () => Buffer.from('0 '), comes: 'closed' },
    { what: 'a length of -1', bytes: () => Buffer.from('-1 x'), comes: 'closed' },
    {
      what: 'a message, and no length behind it',
      bytes: () => Buffer.from(`${counted(`${stamp}first`)}x`),
      comes: 'closed',
      first: ['first'],
    },
    {
      what: 'a message over the limit',
      bytes: () => Buffer.from(counted('x'.repeat(2500))),
      comes: [1000, 1000, 500].map((bytes) => 'x'.repeat(bytes)),
    },
    {
      what: 'half of a message over the limit',
      bytes: () => Buffer.from(`150000 ${'x'.repeat(100_500)}`),
      comes: Array.from({ length: 100 }, () => 'x'.repeat(1000)),
    },
    {
      what: 'the greeting of TLS',
      bytes: () => Buffer.from('16030100c8010000c40303', 'hex'),
      comes: 'closed',
    },
  ],
});
