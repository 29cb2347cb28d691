import { component, type FlumeComponent } from './table.ts';

const fileChannel = `
  checkpointDir             text     ~/.flume/file-channel/checkpoint
  useDualCheckpoints        boolean  false
  backupCheckpointDir       text     -
  compressBackupCheckpoint  boolean  false
  dataDirs                  text     ~/.flume/file-channel/data
  transactionCapacity       int      10000       events
  checkpointInterval        long     30000       ms
  maxFileSize               long     1623195647  bytes
  minimumRequiredSpace      long     524288000   bytes
  capacity                  int      1000000     events
  keep-alive                int      3           s
  use-log-replay-v1         boolean  false
  use-fast-replay           boolean  false
  checkpointOnClose         boolean  true
  fsyncPerTransaction       boolean  true
  fsyncInterval             int      5           s
  encryption.*              below    -`;

export const flumeChannels: readonly FlumeComponent[] = [
  component(
    'channel',
    'memory',
    '.channel.MemoryChannel',
    `
    capacity                      int   100  events
    transactionCapacity           int   100  events
    keep-alive                    int   3    s
    byteCapacity                  long  -    bytes
    byteCapacityBufferPercentage  int   20   percent`,
  ),
  component('channel', 'file', '.channel.file.FileChannel', fileChannel),
  component(
    'channel',
    'org.apache.flume.channel.kafka.KafkaChannel',
    '.channel.kafka.KafkaChannel',
    `
    kafka.bootstrap.servers           text     -              required
    kafka.topic                       text     flume-channel
    kafka.consumer.group.id           text     flume
    kafka.consumer.auto.offset.reset  text     earliest
    kafka.producer.acks               text     all
    kafka.producer.*                  below    -
    kafka.consumer.*                  below    -
    parseAsFlumeEvent                 boolean  true
    kafka.pollTimeout                 long     500            ms
    pollTimeout                       long     -              ms unread
    defaultPartitionId                int      -
    partitionIdHeader                 text     -
    zookeeperConnect                  text     -
    migrateZookeeperOffsets           boolean  true
    brokerList                        text     -              =kafka.bootstrap.servers
    topic                             text     -              =kafka.topic
    groupId                           text     -              =kafka.consumer.group.id
    readSmallestOffset                boolean  -              =kafka.consumer.auto.offset.reset
    capacity                          int      -              unread
    transactionCapacity               int      -              unread`,
  ),
  component(
    'channel',
    'spillablememory',
    '.channel.SpillableMemoryChannel .channel.file.FileChannel',
    `
    memoryCapacity                 int   10000      events
    overflowCapacity               int   100000000  events
    overflowTimeout                int   3          s
    overflowDeactivationThreshold  int   5          percent
    byteCapacity                   long  -          bytes
    byteCapacityBufferPercentage   int   20         percent
    avgEventSize                   int   500        bytes
    ${fileChannel.replace(/^ *capacity .*$/m, '')}`,
  ),
  component(
    'channel',
    'org.apache.flume.channel.PseudoTxnMemoryChannel',
    '.channel.PseudoTxnMemoryChannel',
    `
    capacity    int  50  events
    keep-alive  int  3   s`,
  ),
  component(
    'channel',
    'jdbc',
    '',
    `
    db.type                     text     DERBY
    driver.class                text     -
    driver.url                  text     -
    db.username                 text     -
    db.password                 text     -
    connection.properties.file  text     -
    create.schema               boolean  true
    create.index                boolean  true
    create.foreignkey           boolean  true
    transaction.isolation       text     READ_COMMITTED
    maximum.connections         int      10
    maximum.capacity            long     0               events
    sysprop.*                   below    -`,
  ),
];
