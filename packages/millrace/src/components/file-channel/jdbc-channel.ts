import { type ComponentContext, defineChannel } from '../../component/define.ts';
import {
  durableQueueFaults,
  durableQueueNotes,
  durableQueueOptions,
  type QueueSurroundings,
} from '../../component/options/durable-queue.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { expandHome } from '../../runtime/home-path.ts';
import { FileChannel, type FileChannelOptions, filePromises } from './channel.ts';

const noDatabase = 'There is no database: the events are in files.';
const longNames = (name: string) => ({ oldNames: [`org.apache.flume.channel.jdbc.${name}`] });
/** A property of the database; `name` in its long, older form, too. */
const text = (name: string, doc: string, fallback?: string) =>
  opt.string({
    doc,
    ignored: noDatabase,
    ...longNames(name),
    ...(fallback === undefined ? {} : { default: fallback }),
  });
const flag = (name: string, doc: string) =>
  opt.boolean({ doc, default: true, ignored: noDatabase, ...longNames(name) });

const { checkpointDir: _, dataDirs: __, transactionCapacity: ___, ...moreOfQueue } = durableQueueOptions;
const ownFolder = '~/.flume/jdbc-channel/AGENT/CHANNEL';
const options = {
  checkpointDir: opt.path({
    doc: `Folder of the consumed position. Default: ${ownFolder}/checkpoint.`,
    exclusive: durableQueueOptions.checkpointDir.exclusive,
  }),
  dataDirs: opt.list({
    doc: `Folder of the events. Default: ${ownFolder}/data.`,
    exclusive: durableQueueOptions.dataDirs.exclusive,
    separator: /\s*,\s*/,
  }),
  'maximum.capacity': opt.int({
    doc: 'Most events the channel holds; 0 and less: no limit but the device.',
    unit: 'events',
    java: 'long',
    default: 0,
    onBad: 'default',
    flumeSays: (written) => `Invalid value specified for maximum channel capacity: ${written}`,
    ...longNames('maximum.capacity'),
  }),
  'db.type': text('db.type', 'Kind of the database.', 'DERBY'),
  'driver.class': text('driver.class', "The driver's class."),
  'driver.url': text('driver.url', 'Address of the database.'),
  'db.username': text('db.username', 'User of the database.'),
  'db.password': opt.secret({
    doc: 'Password of the database.',
    ignored: noDatabase,
    ...longNames('db.password'),
  }),
  'connection.properties.file': text('connection.properties.file', 'File of properties of the driver.'),
  'create.schema': flag('create.schema', 'Make the tables.'),
  'create.index': flag('create.index', 'Make indexes.'),
  'create.foreignkey': flag('create.foreignkey', 'Make foreign keys.'),
  'transaction.isolation': text('transaction.isolation', 'Isolation of transactions.', 'READ_COMMITTED'),
  'maximum.connections': text('maximum.connections', 'Most connections to the database.', '10'),
  sysprop: opt.map({ doc: 'System properties to set.', ignored: noDatabase }),
  ...moreOfQueue,
};
type Values = OptionValues<typeof options>;
export type JdbcContext = ComponentContext<typeof options>;

export const jdbcChannel = defineChannel({
  type: 'jdbc',
  classNames: ['org.apache.flume.channel.jdbc.JdbcChannel'],
  summary: 'The file channel under the name of the one that Flume keeps in a database, and as durable.',
  example: `
a1.channels.c1.type = jdbc
a1.channels.c1.checkpointDir = /var/lib/millrace/checkpoint
a1.channels.c1.dataDirs = /var/lib/millrace/data
`,
  differs: [
    'Events are kept in files, as the file channel does, and not in a database: what concerns the database has no effect, and `check` says so. What Flume has left in its database is not read: let Flume empty it first.',
    "A put waits 3 s for room in a full channel; Flume's refuses it at once.",
    'It has counters, those of the file channel.',
  ],
  options,
  validate: (values) => durableQueueFaults(fileOptions(values, '', '')),
  // Whoever says in which folder knows that there are files.
  notes: (values) => [
    ...(values.dataDirs.length > 0 ? [] : [inFiles]),
    ...durableQueueNotes(fileOptions(values, 'AGENT', 'CHANNEL')),
  ],
  promises: (values) => filePromises(fileOptions(values, 'AGENT', 'CHANNEL')),
  create: (context: JdbcContext) => fileChannelOf(context),
});

/** The file channel in its place; `surroundings`: what a test replaces. */
export function fileChannelOf(context: JdbcContext, surroundings?: QueueSurroundings): FileChannel {
  const options = fileOptions(context.options, context.agent, context.name);
  const [folder] = options.dataDirs;
  context.log.warn(
    `Channel ${context.name}: jdbc keeps its events in files here (${folder}); what is left in Flume's database is not read`,
  );
  return new FileChannel({ ...context, options }, surroundings);
}

const inFiles: OptionFinding = {
  key: 'type',
  message: `jdbc: the events are kept in files here, in ${ownFolder}, and not in a database`,
  suggestion:
    'let Flume empty its database first, and say by dataDirs and checkpointDir where the files are to be',
};

/** Each channel has folders of its own, as it has rows of its own in Flume's database. */
function fileOptions(values: Values, agent: string, channel: string): FileChannelOptions {
  const folder = expandHome(
    ownFolder.replace('AGENT', encodeURIComponent(agent)).replace('CHANNEL', encodeURIComponent(channel)),
  );
  const { checkpointDir, dataDirs } = values;
  return {
    ...values,
    checkpointDir: checkpointDir ?? `${folder}/checkpoint`,
    dataDirs: dataDirs.length > 0 ? dataDirs : [`${folder}/data`],
    capacity: values['maximum.capacity'] > 0 ? values['maximum.capacity'] : Number.MAX_SAFE_INTEGER,
    transactionCapacity: Number.POSITIVE_INFINITY,
    'keep-alive': 3,
  };
}
