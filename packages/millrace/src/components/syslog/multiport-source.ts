import { isUtf8 } from 'node:buffer';
import { defineSource } from '../../component/define.ts';
import { tcpServerFaults, tcpServerNotes } from '../../component/options/tcp-server.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { type OptionFinding, opt } from '../../config/options.ts';
import { PositionParser } from '../../formats/syslog/positions.ts';
import { type Charset, findCharset } from '../../java/charsets.ts';
import type { MessageText } from './conversation.ts';
import { SyslogTcpServer, syslogTcpOptions, syslogTcpPromises } from './tcp-server.ts';

const options = {
  ports: opt.list({
    doc: 'Ports to listen on, separated by blanks.',
    required: true,
    exclusive: { port: 'tcp', host: 'host' },
  }),
  ...syslogTcpOptions,
  portHeader: opt.string({ doc: 'The header for the port that a message came to; not set without.' }),
  'charset.default': opt.string({
    doc: "How messages are encoded, by Java's names; a message that is no text of it gets the status Invalid.",
    default: 'UTF-8',
  }),
  'charset.port': opt.map({ doc: 'The same for one port: `charset.port.5140 = ISO-8859-1`.' }),
  batchSize: opt.int({
    doc: 'Most events of a put.',
    unit: 'events',
    default: 100,
    min: 1,
    onOutside: 'clamp',
  }),
  readBufferBytes: opt.int({
    doc: 'Bytes of a read.',
    unit: 'bytes',
    default: 1024,
    ignored: 'what has come is read, up to 64 KiB at once',
  }),
  readBufferSize: opt.int({
    doc: "The name of readBufferBytes in Flume's guide.",
    unit: 'bytes',
    ignored: 'Flume reads readBufferBytes instead, and what has come is read, up to 64 KiB at once',
  }),
  numProcessors: opt.int({
    doc: 'Processors that the number of threads is made of.',
    ignored: 'one thread serves all connections',
  }),
};

export const multiportSyslogTcpSource = defineSource({
  type: 'multiport_syslogtcp',
  classNames: ['org.apache.flume.source.MultiportSyslogTCPSource'],
  summary: 'Takes syslog messages over TCP on several ports, each in a charset of its own.',
  example: `
a1.sources.r1.type = multiport_syslogtcp
a1.sources.r1.host = 127.0.0.1
a1.sources.r1.ports = 10001 10002
a1.sources.r1.portHeader = port
a1.sources.r1.charset.port.10002 = ISO-8859-1
`,
  differs: [
    'A full channel makes the peer wait (its connection is not read) and nothing is dropped; Flume drops the batch. What no channel will ever take is set aside.',
    'An empty line is nothing; in Flume it takes the rest of what was read with it. So does a time that cannot be, such as a 13th month: here that message alone is Invalid.',
    'A month and day are in the year that puts them between eleven months ago and a month ahead; of more than a month ago Flume makes the year 2001.',
    'A message goes on behind a NUL byte, at which Flume cuts it. A priority with a sign is none. Behind a date that is none the host is looked for 15 bytes further, in Flume 15 characters.',
    'Charsets in which a newline is not the byte 0A (UTF-16, UTF-32) are refused.',
    'A port that is taken is tried again every 3 s while the others are served.',
    'Connections have limits (`maxConnections`, `idleTimeout`, `requestTimeout`), and `ipFilter` works as on the Avro source.',
  ],
  options,
  batchSizeOption: 'batchSize',
  promises: (values) =>
    syslogTcpPromises(`${values.host ?? 'every address'}, ports ${values.ports.join(' ')}`),
  validate: (values) => [
    ...portFaults('ports', values.ports),
    ...portFaults('charset.port', [...values['charset.port'].keys()]),
    ...lineCharsetFaults('charset.default', values['charset.default']),
    ...[...values['charset.port']].flatMap(([port, name]) => lineCharsetFaults(`charset.port.${port}`, name)),
    ...tcpServerFaults(values),
  ],
  notes: tcpServerNotes,
  create: (context) => {
    const { options } = context;
    const texts = new Map<number, MessageText>();
    for (const [port, name] of options['charset.port']) texts.set(Number(port), textIn(findCharset(name)));
    const usual = textIn(findCharset(options['charset.default']));
    return new SyslogTcpServer(context, {
      ports: [...new Set(options.ports.map(Number))],
      portOption: 'ports',
      names: { priority: 'Priority', version: 'Version', emptyHost: true },
      parser: new PositionParser(),
      strict: true,
      mostEvents: options.batchSize,
      portHeader: options.portHeader,
      textOf: (port) => texts.get(port) ?? usual,
    });
  },
});

function portFaults(key: string, ports: readonly string[]): OptionFinding[] {
  return ports
    .filter((port) => !/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    .map((port) => ({ key, message: `${key}: ${port} is no port`, code: 'bad-value' }));
}

function lineCharsetFaults(key: string, name: string): readonly OptionFinding[] {
  const charset = findCharset(name);
  if (charset === undefined || charset.newlineIsByte) return charsetFaults(key, name);
  const message = `${key}: messages can't be told apart in ${name}, whose newline is more than a byte`;
  return [{ key, message, suggestion: 'write UTF-8', code: 'bad-value' }];
}

function textIn(charset: Charset | undefined): MessageText {
  if (charset === undefined || /^utf-?8$/i.test(charset.name.trim()))
    return { isText: (bytes, from, to) => isUtf8(bytes.subarray(from, to)) };
  return {
    isText: (bytes, from, to) => !charset.decoder().decode(bytes.subarray(from, to)).fault,
    toUtf8: (bytes, from, to) => Buffer.from(charset.decoder().decode(bytes.subarray(from, to)).text),
  };
}
