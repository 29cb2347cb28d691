import { component, type FlumeComponent } from './table.ts';

/** Selectors, processors, interceptors, serializers and what else stands in another component's properties. */
export const flumeParts: readonly FlumeComponent[] = [
  component('selector', 'replicating', '.channel.ReplicatingChannelSelector', 'optional  text  -'),
  component(
    'selector',
    'multiplexing',
    '.channel.MultiplexingChannelSelector',
    `
    header      text   flume.selector.header
    default     text   -
    mapping.*   below  -
    optional.*  below  -`,
  ),
  component(
    'selector',
    'load_balancing',
    '.channel.LoadBalancingChannelSelector',
    'policy  text  round_robin  round_robin|random',
  ),
  component('processor', 'default', '.sink.DefaultSinkProcessor', ''),
  component(
    'processor',
    'failover',
    '.sink.FailoverSinkProcessor',
    `
    priority.*  below  -
    maxpenalty  int    30000  ms`,
  ),
  component(
    'processor',
    'load_balance',
    '.sink.LoadBalancingSinkProcessor',
    `
    selector             text     round_robin  round_robin|random
    backoff              boolean  false
    selector.maxTimeOut  long     30000        ms`,
  ),
  component('serializer', 'TEXT', '.serialization.BodyTextEventSerializer', 'appendNewline  boolean  true'),
  component(
    'serializer',
    'HEADER_AND_TEXT',
    '.serialization.HeaderAndBodyTextEventSerializer',
    'appendNewline  boolean  true',
  ),
  component(
    'serializer',
    'AVRO_EVENT',
    '.serialization.FlumeEventAvroEventSerializer',
    `
    syncIntervalBytes  int   2048000  bytes
    compressionCodec   text  null`,
  ),
  component(
    'serializer',
    'org.apache.flume.sink.hdfs.AvroEventSerializer$Builder',
    '.sink.hdfs.AvroEventSerializer',
    `
    syncIntervalBytes  int   2048000  bytes
    compressionCodec   text  null
    schemaURL          text  -`,
  ),
  component(
    'deserializer',
    'LINE',
    '.serialization.LineDeserializer',
    `
    maxLineLength  int   2048
    outputCharset  text  UTF-8`,
  ),
  component(
    'deserializer',
    'AVRO',
    '.serialization.AvroEventDeserializer',
    'schemaType  text  HASH  HASH|LITERAL',
  ),
  component(
    'deserializer',
    'org.apache.flume.sink.solr.morphline.BlobDeserializer$Builder',
    '',
    'maxBlobLength  int  100000000  bytes',
  ),
  component('httpHandler', 'org.apache.flume.source.http.JSONHandler', '.source.http.JSONHandler', ''),
  component(
    'httpHandler',
    'org.apache.flume.source.http.BLOBHandler',
    '.source.http.BLOBHandler',
    'mandatoryParameters  text  -',
  ),
  component(
    'httpHandler',
    'org.apache.flume.sink.solr.morphline.BlobHandler',
    '',
    'maxBlobLength  int  100000000  bytes',
  ),
  component(
    'pathManager',
    'DEFAULT',
    '.formatter.output.DefaultPathManager',
    `
    prefix     text  ""
    extension  text  ""`,
  ),
  component(
    'pathManager',
    'ROLLTIME',
    '.formatter.output.DefaultPathManager',
    `
    prefix     text  ""
    extension  text  ""`,
  ),
  component(
    'interceptor',
    'timestamp',
    '.interceptor.TimestampInterceptor$Builder',
    `
    headerName        text     timestamp
    preserveExisting  boolean  false`,
  ),
  component(
    'interceptor',
    'host',
    '.interceptor.HostInterceptor$Builder',
    `
    hostHeader        text     host
    useIP             boolean  true
    preserveExisting  boolean  false`,
  ),
  component(
    'interceptor',
    'static',
    '.interceptor.StaticInterceptor$Builder',
    `
    key               text     key
    value             text     value
    preserveExisting  boolean  true`,
  ),
  component(
    'interceptor',
    'remove_header',
    '.interceptor.RemoveHeaderInterceptor$Builder',
    `
    withName           text  -
    fromList           text  -
    fromListSeparator  text  \\s*,\\s*
    matching           text  -`,
  ),
  component(
    'interceptor',
    'org.apache.flume.sink.solr.morphline.UUIDInterceptor$Builder',
    '',
    `
    headerName        text     id
    preserveExisting  boolean  true
    prefix            text     ""`,
  ),
  component(
    'interceptor',
    'search_replace',
    '.interceptor.SearchAndReplaceInterceptor$Builder',
    `
    searchPattern  text  -      required
    replaceString  text  ""
    charset        text  UTF-8`,
  ),
  component(
    'interceptor',
    'regex_filter',
    '.interceptor.RegexFilteringInterceptor$Builder',
    `
    regex          text     .*
    excludeEvents  boolean  false`,
  ),
  component(
    'interceptor',
    'regex_extractor',
    '.interceptor.RegexExtractorInterceptor$Builder',
    `
    regex          text   -  required
    serializers    text   -  required
    serializers.*  below  -`,
  ),
  component('configFilter', 'env', '', ''),
  component(
    'configFilter',
    'external',
    '',
    `
    command  text  -      required
    charset  text  UTF-8`,
  ),
  component(
    'configFilter',
    'hadoop',
    '',
    `
    credential.provider.path                          text  -  required
    credstore.java-keystore-provider.password-file  text  -`,
  ),
];
