import { component, type FlumeComponent } from './table.ts';

const sslSink = `
  ssl                    boolean  false
  trust-all-certs        boolean  false
  truststore             text     -
  truststore-password    text     -
  truststore-type        text     JKS
  exclude-protocols      text     -
  include-protocols      text     -
  exclude-cipher-suites  text     -
  include-cipher-suites  text     -`;

export const flumeSinks: readonly FlumeComponent[] = [
  component(
    'sink',
    'hdfs',
    '.sink.hdfs.HDFSEventSink .sink.hdfs.AbstractHDFSWriter .sink.hdfs.HDFSDataStream .sink.hdfs.HDFSCompressedDataStream .sink.hdfs.HDFSSequenceFile',
    `
    hdfs.path                   text     -             required
    hdfs.filePrefix             text     FlumeData
    hdfs.fileSuffix             text     -
    hdfs.inUsePrefix            text     ""
    hdfs.inUseSuffix            text     .tmp
    hdfs.emptyInUseSuffix       boolean  false
    hdfs.rollInterval           long     30            s
    hdfs.rollSize               long     1024          bytes
    hdfs.rollCount              long     10            events
    hdfs.idleTimeout            int      0             s
    hdfs.batchSize              long     100           events
    hdfs.codeC                  text     -
    hdfs.fileType               text     SequenceFile  SequenceFile|DataStream|CompressedStream
    hdfs.maxOpenFiles           int      5000
    hdfs.minBlockReplicas       int      -
    hdfs.writeFormat            text     Writable
    writeFormat.*               below    -
    hdfs.threadsPoolSize        int      10
    hdfs.rollTimerPoolSize      int      1
    hdfs.kerberosPrincipal      text     -
    hdfs.kerberosKeytab         text     -
    hdfs.proxyUser              text     -
    hdfs.round                  boolean  false
    hdfs.roundValue             int      1
    hdfs.roundUnit              text     second
    hdfs.timeZone               text     -
    hdfs.useLocalTimeStamp      boolean  false
    hdfs.useRawLocalFileSystem  boolean  false
    hdfs.closeTries             int      0
    hdfs.retryInterval          long     180           s
    hdfs.callTimeout            long     30000         ms
    serializer                  text     TEXT
    serializer.*                below    -`,
  ),
  component('sink', 'logger', '.sink.LoggerSink', 'maxBytesToLog int 16 bytes'),
  component(
    'sink',
    'avro',
    '.sink.AvroSink .sink.AbstractRpcSink',
    `
    hostname                   text  -       required
    port                       int   -       required
    batch-size                 int   100     events
    connect-timeout            long  20000   ms
    request-timeout            long  20000   ms
    reset-connection-interval  int   0       s
    compression-type           text  none    none|deflate
    compression-level          int   6
    maxIoWorkers               int   -
    ${sslSink}`,
  ),
  component(
    'sink',
    'thrift',
    '.sink.ThriftSink .sink.AbstractRpcSink',
    `
    hostname                   text     -        required
    port                       int      -        required
    batch-size                 int      100      events
    connect-timeout            long     20000    ms
    request-timeout            long     20000    ms
    reset-connection-interval  int      0        s
    connection-reset-interval  int      -        s unread
    protocol                   text     compact  compact|binary
    maxConnections             int      5
    kerberos                   boolean  false
    client-principal           text     -
    client-keytab              text     -
    server-principal           text     -
    ssl                        boolean  false
    truststore                 text     -
    truststore-password        text     -
    truststore-type            text     JKS
    exclude-protocols          text     -
    include-protocols          text     -
    exclude-cipher-suites      text     -
    include-cipher-suites      text     -`,
  ),
  component(
    'sink',
    'file_roll',
    '.sink.RollingFileSink',
    `
    sink.directory      text   -        required
    sink.pathManager    text   DEFAULT
    sink.pathManager.*  below  -
    sink.rollInterval   long   30       s
    sink.serializer     text   TEXT
    sink.serializer.*   below  -
    sink.batchSize      int    100      events`,
  ),
  component(
    'sink',
    'null',
    '.sink.NullSink',
    `
    batchSize        int  100    events
    logEveryNEvents  int  10000  events`,
  ),
  component(
    'sink',
    'org.apache.flume.sink.kafka.KafkaSink',
    '.sink.kafka.KafkaSink',
    `
    kafka.bootstrap.servers  text     -                    required
    kafka.topic              text     default-flume-topic
    flumeBatchSize           int      100                  events
    kafka.producer.acks      text     1
    kafka.producer.*         below    -
    useFlumeEventFormat      boolean  false
    defaultPartitionId       int      -
    partitionIdHeader        text     -
    allowTopicOverride       boolean  true
    topicHeader              text     topic
    timestampHeader          text     -
    header.*                 below    -
    brokerList               text     -                    =kafka.bootstrap.servers
    topic                    text     -                    =kafka.topic
    batchSize                int      -                    =flumeBatchSize
    requiredAcks             text     -                    =kafka.producer.acks
    serializer.class         text     -                    unread
    key.serializer.class     text     -                    unread`,
  ),
  // Gone since Flume 1.10: by the classes of 1.9, which the jars of 1.11 don't have.
  component(
    'sink',
    'elasticsearch',
    '',
    `
    hostNames                    text  -              required
    indexName                    text  flume
    indexType                    text  log
    clusterName                  text  elasticsearch
    batchSize                    int   100            events
    ttl                          text  -
    serializer                   text  org.apache.flume.sink.elasticsearch.ElasticSearchLogStashEventSerializer
    indexNameBuilder             text  org.apache.flume.sink.elasticsearch.TimeBasedIndexNameBuilder
    indexNameBuilder.dateFormat  text  -              unread
    indexNameBuilder.timeZone    text  -              unread
    client                       text  transport      transport|rest`,
  ),
  component(
    'sink',
    'http',
    '.sink.http.HttpSink',
    `
    endpoint                 text     -           required
    connectTimeout           int      5000        ms
    requestTimeout           int      5000        ms
    contentTypeHeader        text     text/plain
    acceptHeader             text     text/plain
    defaultBackoff           boolean  true
    defaultRollback          boolean  true
    defaultIncrementMetrics  boolean  false
    backoff.*                below    -
    rollback.*               below    -
    incrementMetrics.*       below    -`,
  ),
  // What its serializers read stands below `serializer`; they are held to Flume's in flume-hbase2.test.ts.
  component(
    'sink',
    'hbase2',
    '.sink.hbase2.HBase2Sink',
    `
    table                       text     -        required
    columnFamily                text     -        required
    batchSize                   long     100      events
    serializer                  text     org.apache.flume.sink.hbase2.SimpleHBase2EventSerializer
    serializer.payloadColumn    text     pCol
    serializer.rowPrefix        text     default
    serializer.suffix           text     uuid
    serializer.incrementColumn  text     iCol
    serializer.incrementRow     text     incRow
    serializer.regex            text     (.*)
    serializer.regexIgnoreCase  boolean  false
    serializer.colNames         text     payload
    serializer.rowKeyIndex      int      -1
    serializer.depositHeaders   boolean  false
    serializer.charset          text     UTF-8
    coalesceIncrements          boolean  false
    enableWal                   boolean  true
    zookeeperQuorum             text     -
    znodeParent                 text     -
    kerberosPrincipal           text     -
    kerberosKeytab              text     -`,
  ),
];
