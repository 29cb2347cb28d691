/** Of the file: its text, its references, agents and their lists, types. */
import { exec, type FindingCase, roll, tail } from './finding-case.ts';

export const fileCases: readonly FindingCase[] = [
  // The text of the file
  { code: 'bad-escape', lines: 'a1.sources.r1.x = a@\\u12 b', remedy: '\\\\' },
  {
    code: 'lost-backslash',
    lines: `${tail}a1.sources.r1.filegroups.f1 = /logs/app-@\\d+\\.log`,
    remedy: 'write \\\\d',
  },
  { code: 'lost-backslash', lines: 'a1.sources.r1.x = C:@\\logs', remedy: 'write \\\\l' },
  { code: 'duplicate-key', lines: '@a1.sources.r1.type = seq', remedy: 'remove' },
  { code: 'empty-value', lines: '@a1.sources.r1.batchSize =', remedy: 'give it a value' },
  { code: 'not-a-property', lines: '@// a comment', remedy: 'begins with # or !' },
  { code: 'invalid-key', lines: '@a1.channel.c1.capacity = 5', remedy: 'a1.channels.c1.capacity' },
  {
    code: 'inline-comment',
    lines: `${exec}a1.sources.r1.command = true\na1.sources.r1.charset = @UTF-8 # text`,
    remedy: 'charset = UTF-8',
  },

  // References
  { code: 'unresolved', lines: `a1.sources.r1.batchSize = @$\{env:NOT_SET}`, remedy: ':-' },
  { code: 'reference-circle', lines: `a1.sources.r1.x = @$\{a1.sources.r1.x}`, remedy: 'circle' },
  {
    code: 'reference-too-deep',
    lines: `a1.sources.r1.x = @${'${a'.repeat(40)}${'}'.repeat(40)}`,
    remedy: 'write the value out',
  },
  {
    code: 'value-too-long',
    lines: `${Array.from({ length: 13 }, (_, i) => `x.sources.y.v${i} = \${x.sources.y.v${i + 1}}\${x.sources.y.v${i + 1}}`).join('\n')}\nx.sources.y.v13 = ${'x'.repeat(500)}\na1.sources.r1.x = @\${x.sources.y.v0}`,
    remedy: 'write the value out',
  },
  {
    code: 'bad-filter',
    lines: 'a1.configfilters = f\na1.configfilters.f.type = @nosuch',
    remedy: 'env, external',
  },

  // Agents and lists
  { code: 'no-channels', before: '', lines: '@b1.sources = r1', remedy: 'AGENT.channels' },
  {
    code: 'no-components',
    before: 'b1.channels.c1.type = memory\n',
    lines: 'b1.channels = @c1',
    remedy: 'AGENT.sinks',
  },
  {
    code: 'no-sources',
    before: '',
    lines:
      '@b1.channels = c\nb1.channels.c.type = memory\nb1.sinks = k\nb1.sinks.k.type = null\nb1.sinks.k.channel = c',
    remedy: 'AGENT.sources',
  },
  {
    code: 'no-sinks',
    before: '',
    lines:
      '@b1.channels = c\nb1.channels.c.type = memory\nb1.sources = r\nb1.sources.r.type = seq\nb1.sources.r.channels = c',
    remedy: 'AGENT.sinks',
  },
  { code: 'not-listed', lines: '@a1.sinks.k9.type = null', remedy: 'lists: k1' },
  { code: 'not-listed', lines: '@a1.sources.r1.interceptors.i1.type = host', remedy: 'interceptors = i1' },
  { code: 'not-listed', lines: `${tail}@a1.sources.r1.headers.f2.k = v`, remedy: 'filegroups lists: f1' },
  { code: 'not-listed', lines: `${tail}@a1.sources.r1.filegroups.f9 = /x/y`, remedy: 'filegroups lists: f1' },
  { code: 'not-configured', lines: 'a1.sinks = @k1 k7', remedy: 'describe it' },
  {
    code: 'not-configured-group',
    lines: `${tail}a1.sources.r1.filegroups = @f1 f2`,
    remedy: 'add filegroups.f2',
  },
  {
    code: 'missing',
    lines: `${tail}a1.sources.r1.filegroups = @f1,f2\na1.sources.r1.filegroups.f2 = /x/y`,
    remedy: 'blanks: f1 f2',
  },

  // Types
  { code: 'no-type', lines: 'a1.channels = c1 c2\n@a1.channels.c2.capacity = 5', remedy: 'add type' },
  { code: 'unknown-type', lines: 'a1.sinks.k1.type = @loger', remedy: 'did you mean logger?' },
  { code: 'unsupported-type', lines: 'a1.sinks.k1.type = @irc', remedy: 'docs/components.md' },
  { code: 'unsupported-type', lines: 'a1.sinks.k1.type = @hbase', remedy: 'use hbase2' },

  { code: 'unknown-type', lines: `${roll}a1.sinks.k1.sink.serializer = @TXT`, remedy: 'did you mean TEXT?' },
  {
    code: 'unknown-key',
    lines: `${roll}@a1.sinks.k1.sink.serializer.appendNewLine = x`,
    remedy: 'appendNewline',
  },
  {
    code: 'bad-boolean',
    lines: `${roll}a1.sinks.k1.sink.serializer.appendNewline = @no`,
    remedy: 'true or false',
  },
  { code: 'unknown-type', lines: `${roll}a1.sinks.k1.sink.pathManager = @ROLTIME`, remedy: 'ROLLTIME' },

  {
    code: 'value-replaced',
    lines:
      'a1.sinks.k1.type = avro\na1.sinks.k1.hostname = h\na1.sinks.k1.port = 1\na1.sinks.k1.compression-type = @gzip',
    remedy: 'one of none, deflate',
  },
];
