import { component, type FlumeComponent } from './table.ts';

const polling = `
  backoffSleepIncrement  long  1000  ms
  maxBackoffSleep        long  5000  ms`;
/** SslContextAwareAbstractSource; SSLv3 is excluded whatever `exclude-protocols` says. */
const sslSource = `
  ssl                    boolean  false
  keystore               text     -
  keystore-password      text     -
  keystore-type          text     JKS
  exclude-protocols      text     -
  include-protocols      text     -
  exclude-cipher-suites  text     -
  include-cipher-suites  text     -`;

export const flumeSources: readonly FlumeComponent[] = [
  component(
    'source',
    'avro',
    '.source.AvroSource',
    `
    bind              text     -      required
    port              int      -      required
    threads           int      0
    compression-type  text     none   none|deflate
    ipFilter          boolean  false
    ipFilterRules     text     -
    ${sslSource}`,
  ),
  component(
    'source',
    'thrift',
    '.source.ThriftSource',
    `
    bind             text     -        required
    port             int      -        required
    threads          int      0
    protocol         text     compact  compact|binary
    kerberos         boolean  false
    agent-principal  text     -
    agent-keytab     text     -
    ${sslSource}`,
  ),
  component(
    'source',
    'exec',
    '.source.ExecSource',
    `
    command          text     -      required
    shell            text     -
    restartThrottle  long     10000  ms
    restart          boolean  false
    logStdErr        boolean  false
    batchSize        int      20     events
    batchTimeout     long     3000   ms
    charset          text     UTF-8`,
  ),
  component(
    'source',
    'spooldir',
    '.source.SpoolDirectorySource',
    `
    spoolDir                  text     -           required
    fileSuffix                text     .COMPLETED
    deletePolicy              text     never       never|immediate
    fileHeader                boolean  false
    fileHeaderKey             text     file
    basenameHeader            boolean  false
    basenameHeaderKey         text     basename
    includePattern            text     ^.*$
    ignorePattern             text     ^$
    trackerDir                text     .flumespool
    trackingPolicy            text     rename      rename|tracker_dir
    consumeOrder              text     oldest      oldest|youngest|random
    pollDelay                 int      500         ms
    recursiveDirectorySearch  boolean  false
    maxBackoff                int      4000        ms
    batchSize                 int      100         events
    inputCharset              text     UTF-8
    decodeErrorPolicy         text     FAIL        FAIL|REPLACE|IGNORE
    deserializer              text     LINE
    deserializer.*            below    -
    bufferMaxLines            int      -           unread
    bufferMaxLineLength       int      -           bytes`,
  ),
  component(
    'source',
    'TAILDIR',
    '.source.taildir.TaildirSource',
    `
    filegroups            text     -                                required
    filegroups.*          below    -
    positionFile          text     ~/.flume/taildir_position.json
    headers.*             below    -
    byteOffsetHeader      boolean  false
    skipToEnd             boolean  false
    idleTimeout           int      120000                           ms
    writePosInterval      int      3000                             ms
    batchSize             int      100                              events
    maxBatchCount         long     9223372036854775807
    cachePatternMatching  boolean  true
    fileHeader            boolean  false
    fileHeaderKey         text     file
    ${polling}`,
  ),
  component(
    'source',
    'org.apache.flume.source.kafka.KafkaSource',
    '.source.kafka.KafkaSource',
    `
    kafka.bootstrap.servers   text     -      required
    kafka.topics              text     -
    kafka.topics.regex        text     -
    kafka.consumer.group.id   text     flume
    kafka.consumer.*          below    -
    batchSize                 int      1000   events
    batchDurationMillis       int      1000   ms
    useFlumeEventFormat       boolean  false
    setTopicHeader            boolean  true
    topicHeader               text     topic
    timestampHeader           text     -      unread
    header.*                  below    -
    topic                     text     -      =kafka.topics
    groupId                   text     -      =kafka.consumer.group.id
    zookeeperConnect          text     -
    migrateZookeeperOffsets   boolean  true
    ${polling}`,
  ),
  component(
    'source',
    'netcat',
    '.source.NetcatSource',
    `
    bind             text     -      required
    port             int      -      required
    max-line-length  int      512
    ack-every-event  boolean  true
    encoding         text     utf-8`,
  ),
  component(
    'source',
    'netcatudp',
    '.source.NetcatUdpSource',
    `
    bind                 text  -
    port                 int   -  required
    remoteAddress        text  -
    remoteAddressHeader  text  -  unread`,
  ),
  component(
    'source',
    'seq',
    '.source.SequenceGeneratorSource',
    `
    batchSize    int   1                    events
    totalEvents  long  9223372036854775807  events
    ${polling}`,
  ),
  component(
    'source',
    'syslogtcp',
    '.source.SyslogTcpSource',
    `
    host                  text   -
    port                  int    -     required
    eventSize             int    2500  bytes
    keepFields            text   none
    clientIPHeader        text   -
    clientHostnameHeader  text   -
    format.*              below  -
    ${sslSource}`,
  ),
  component(
    'source',
    'multiport_syslogtcp',
    '.source.MultiportSyslogTCPSource',
    `
    host                  text   -
    ports                 text   -      required
    eventSize             int    2500   bytes
    keepFields            text   none
    portHeader            text   -
    clientIPHeader        text   -
    clientHostnameHeader  text   -
    charset.default       text   UTF-8
    charset.port.*        below  -
    batchSize             int    100    events
    readBufferBytes       int    1024   bytes
    readBufferSize        int    -      bytes unread
    numProcessors         int    -
    ${sslSource}`,
  ),
  component(
    'source',
    'syslogudp',
    '.source.SyslogUDPSource',
    `
    host                  text   -
    port                  int    -     required
    keepFields            text   none
    clientIPHeader        text   -
    clientHostnameHeader  text   -
    format.*              below  -`,
  ),
  component(
    'source',
    'http',
    '.source.http.HTTPSource',
    `
    port                  int      -        required
    bind                  text     0.0.0.0
    handler               text     org.apache.flume.source.http.JSONHandler
    handler.*             below    -
    QueuedThreadPool.*    below    -
    HttpConfiguration.*   below    -
    SslContextFactory.*   below    -
    ServerConnector.*     below    -
    enableSSL             boolean  -        =ssl
    keystorePassword      text     -        =keystore-password
    excludeProtocols      text     -        =exclude-protocols
    ${sslSource}`,
  ),
  component(
    'source',
    'org.apache.flume.source.StressSource',
    '.source.StressSource',
    `
    size                 int   500  bytes
    maxTotalEvents       long  -1   events
    maxSuccessfulEvents  long  -1   events
    batchSize            int   1    events
    maxEventsPerSecond   int   0
    ${polling}`,
  ),
];
