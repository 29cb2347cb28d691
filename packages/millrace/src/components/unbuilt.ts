/** Types of Flume 1.x that are known here and not built: a configuration that names one is told so by that name. */
import type { UnbuiltType } from '../component/catalog.ts';
import type { DefinitionKind } from '../component/kinds.ts';

const flume = 'org.apache.flume';

function unbuilt(
  kind: DefinitionKind,
  type: string | null,
  classNames: string[],
  instead?: string,
): UnbuiltType {
  return {
    kind,
    ...(type === null ? {} : { type }),
    classNames: classNames.map((name) => (name.startsWith('.') ? flume + name : name)),
    ...(instead === undefined ? {} : { instead }),
  };
}

const overGateway =
  "use hbase2, which writes over HBase's REST gateway: type = hbase2, rest.url = http://HOST:8080, and the serializers of org.apache.flume.sink.hbase2";

export const unbuiltTypes: readonly UnbuiltType[] = [
  unbuilt('source', 'jms', ['.source.jms.JMSSource']),
  unbuilt('source', null, ['.source.scribe.ScribeSource']),
  unbuilt('source', null, ['.source.twitter.TwitterSource'], 'the service that it used is gone'),
  unbuilt('source', null, ['.source.avroLegacy.AvroLegacySource', '.source.thriftLegacy.ThriftLegacySource']),

  unbuilt('sink', 'irc', ['.sink.irc.IRCSink']),
  unbuilt('sink', 'hbase', ['.sink.hbase.HBaseSink'], overGateway),
  unbuilt('sink', 'asynchbase', ['.sink.hbase.AsyncHBaseSink'], overGateway),
  unbuilt(
    'sink',
    'hive',
    ['.sink.hive.HiveSink'],
    'write the files of an external table with the hdfs sink, partitions by escapes in hdfs.path: docs/hive.md has both sides',
  ),
  unbuilt('sink', 'morphline_solr', ['.sink.solr.morphline.MorphlineSolrSink']),
  unbuilt('sink', null, ['.sink.kudu.KuduSink', 'org.apache.kudu.flume.sink.KuduSink']),
  unbuilt('sink', null, ['.sink.kite.DatasetSink']),

  unbuilt('interceptor', null, ['.sink.solr.morphline.MorphlineInterceptor$Builder']),
];
