import { DatagramSource } from '../../component/datagram-source.ts';
import { defineSource } from '../../component/define.ts';
import { datagramDiffers, datagramOptions, datagramPort } from '../../component/options/datagrams.ts';
import { datagramLosses } from '../../component/promises.ts';
import { refusedOptions } from '../../component/refused.ts';
import { opt } from '../../config/options.ts';
import { PatternParser } from '../../formats/syslog/patterns.ts';
import { SyslogDatagrams } from './datagrams.ts';
import { formatOption, hostOption, syslogOptions } from './options.ts';

export const syslogUdpSource = defineSource({
  type: 'syslogudp',
  classNames: ['org.apache.flume.source.SyslogUDPSource'],
  summary: 'Takes syslog messages (RFC 3164, RFC 5424) over UDP, one a datagram.',
  example: `
a1.sources.r1.type = syslogudp
a1.sources.r1.host = 127.0.0.1
a1.sources.r1.port = 5140
`,
  differs: [
    ...datagramDiffers('messages'),
    'A body is the bytes that came; Flume writes U+FFFD in place of what is no UTF-8.',
    'A time with a fraction keeps its offset and `.5` is 500 ms; Flume ignores the offset there, and reads 5 ms.',
    'A message has no `priority` or `version` of the one before it, as in Flume where it does not say them itself.',
    'A newline always ends a message; within a broken priority Flume goes on to the next newline. What follows in the same datagram is dropped, as in Flume.',
    '`keepFields` writes `-` for a time or host that is `-`; Flume writes `null`.',
    'Names for `clientHostnameHeader` are waited for 5 s at most for all datagrams that have come; then the address is the name.',
  ],
  options: {
    host: hostOption,
    port: datagramPort('host'),
    syslog: opt.group(syslogOptions),
    format: formatOption,
    datagrams: opt.group(datagramOptions),
    ...refusedOptions,
  },
  promises: ({ host, port }) => ({
    does: `takes syslog messages over UDP at ${host ?? 'every address'}, port ${port}`,
    origin: 'nobody',
    until: 'taken',
    losses: datagramLosses,
  }),
  create: (context) => {
    const { host, syslog } = context.options;
    const messages = new SyslogDatagrams(syslog, new PatternParser());
    return new DatagramSource(context, host, (waiting, most, counter) =>
      messages.read(waiting, most, counter),
    );
  },
});
