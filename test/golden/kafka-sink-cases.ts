/**
 * The order in which Flume's KafkaSink puts mapped headers (`header.NAME = RECORD_HEADER`) into a record: that of a hash
 * map of the mapping. No two names of a case share a bucket: which of those comes first depends in Flume on the hash
 * table of the whole configuration file.
 */
export const kafkaSinkCases: readonly {
  readonly topic: string;
  /** Event headers in the order of the file. */
  readonly mapped: readonly string[];
  /** As a real Flume 1.11 sent them; `flume-kafka-sink.test.ts` holds this to it. */
  readonly sent: readonly string[];
}[] = [
  {
    topic: 'few',
    mapped: ['zone', 'app', 'host', 'dc'],
    sent: ['app', 'zone', 'host', 'dc'],
  },
  {
    topic: 'many',
    mapped: [
      ...['zone', 'app', 'host', 'dc', 'facility', 'basename', 'region', 'cluster', 'rack'],
      ...['env', 'team', 'service', 'version', 'level', 'logger', 'session', 'method'],
    ],
    sent: [
      'app',
      'cluster',
      'rack',
      'method',
      'level',
      'session',
      'logger',
      'team',
      'env',
      'version',
      'basename',
      'zone',
      'service',
      'host',
      'region',
      'facility',
      'dc',
    ],
  },
];
