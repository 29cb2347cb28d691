/** Types that are unknown, or written otherwise, as Flume 1.11.0 took them. */
import { type ConfigCase, channelGone, channelGoneLog, removed, seq, skeleton } from './config-case.ts';

export const typesCases: readonly ConfigCase[] = [
  {
    id: 'A3 aliases in any letter case',
    text: seq.replace('memory', 'Memory').replace('logger', 'LoGGer').replace('= seq', '= SEQ'),
  },
  {
    id: 'A3 a source class name in another case',
    text: `${skeleton}a1.sources.r1.type = org.apache.flume.source.sequencegeneratorsource\n`,
    dropped: { 'source r1': 'unknown source type: org.apache.flume.source.sequencegeneratorsource' },
    log: [
      'Unable to load source type: org.apache.flume.source.sequencegeneratorsource, class: org.apache.flume.source.sequencegeneratorsource',
    ],
    findings: ['8:22 error unknown-type'],
    suggestions: ['write org.apache.flume.source.SequenceGeneratorSource'],
    endsFlume: true,
  },
  {
    id: 'A3 a sink class name in another case',
    text: seq.replace('= logger', '= org.apache.flume.sink.loggersink'),
    dropped: { 'sink k1': 'unknown sink type: org.apache.flume.sink.loggersink' },
    log: [
      'Unable to load sink type: org.apache.flume.sink.loggersink, class: org.apache.flume.sink.loggersink',
    ],
    findings: ['5:20 error unknown-type', '6:26 warning no-way-out'],
    suggestions: ['write org.apache.flume.sink.LoggerSink'],
    endsFlume: true,
  },
  {
    id: 'A3 a channel class name in another case',
    text: seq.replace('= memory', '= ORG.apache.flume.channel.memorychannel'),
    dropped: { 'channel c1': 'unknown channel type: ORG.apache.flume.channel.memorychannel', ...channelGone },
    log: [
      'Unable to load channel type: ORG.apache.flume.channel.memorychannel, class: ORG.apache.flume.channel.memorychannel',
      ...channelGoneLog,
    ],
    findings: ['4:23 error unknown-type', '6:26 error not-connected', '7:23 error not-connected'],
    suggestions: ['write org.apache.flume.channel.MemoryChannel'],
    endsFlume: true,
  },
  {
    id: 'A12 a comment behind a type',
    text: seq.replace('logger', 'logger # print'),
    dropped: { 'sink k1': 'unknown sink type: logger # print' },
    log: ['Unable to load sink type: logger # print, class: logger # print'],
    findings: ['5:20 error unknown-type', '6:26 warning no-way-out'],
    suggestions: ['write type = logger'],
    endsFlume: true,
  },
  {
    id: 'B11 unknown sink type',
    text: seq.replace('logger', 'nosuchsink'),
    dropped: { 'sink k1': 'unknown sink type: nosuchsink' },
    log: ['Unable to load sink type: nosuchsink, class: nosuchsink'],
    findings: ['5:20 error unknown-type', '6:26 warning no-way-out'],
    endsFlume: true,
  },
  {
    id: 'B11 unknown channel type',
    text: seq.replace('memory', 'memry'),
    dropped: { 'channel c1': 'unknown channel type: memry', ...channelGone },
    log: ['Unable to load channel type: memry, class: memry', ...channelGoneLog],
    findings: ['4:23 error unknown-type', '6:26 error not-connected', '7:23 error not-connected'],
    suggestions: ['did you mean memory?'],
    endsFlume: true,
  },
  {
    id: 'B11 unknown source type',
    text: `${skeleton}a1.sources.r1.type = nosuchsource\n`,
    dropped: { 'source r1': 'unknown source type: nosuchsource' },
    log: ['Unable to load source type: nosuchsource, class: nosuchsource'],
    findings: ['8:22 error unknown-type'],
    endsFlume: true,
  },
  {
    id: 'B12 unknown interceptor type',
    text: `${seq}a1.sources.r1.interceptors = i1\na1.sources.r1.interceptors.i1.type = nosuch\n`,
    dropped: {
      'source r1': 'interceptor i1: unknown interceptor type: nosuch',
      'interceptor r1.i1': 'unknown interceptor type: nosuch',
    },
    log: [
      'Builder class not found. Exception follows.',
      removed('Source r1'),
      'Interceptor.Builder not found.',
    ],
    findings: ['10:38 error unknown-type'],
  },
  {
    id: 'components that are listed and not described, or without a type',
    text: `${seq.replace('sources = r1', 'sources = r1 r2').replace('sinks = k1', 'sinks = k1 k2 k3')}a1.sinks.k3.channel = c1\n`,
    dropped: {
      'source r2': 'there is no a1.sources.r2.…',
      'sink k2': 'there is no a1.sinks.k2.…',
      'sink k3': 'it has no type',
    },
    log: [
      'Configuration empty for: r2.Removed.',
      'no context for sinkk2',
      'Could not configure sink  k3 due to: Component has no type. Cannot configure. k3',
    ],
    findings: ['1:14 error not-configured', '3:12 error not-configured', '9:1 error no-type'],
  },
  {
    id: 'an interceptor without a type',
    text: `${seq}a1.sources.r1.interceptors = i1\na1.sources.r1.interceptors.i1.x = 1\n`,
    dropped: { 'source r1': 'interceptor i1: it has no type', 'interceptor r1.i1': 'it has no type' },
    log: [
      'Type not specified for interceptor i1',
      removed('Source r1'),
      'Interceptor.Type not specified for i1',
    ],
    findings: ['10:1 error no-type'],
  },
];
