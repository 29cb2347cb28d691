/** Configurations of the OpenTelemetry collector that do the job of the file-to-Kafka row. */

export interface OtelConf {
  /** The file that the filelog receiver reads from its beginning. */
  readonly input: string;
  /** An existing folder, for the receiver's position and the queue. */
  readonly dir: string;
  readonly bootstrap: string;
  readonly topic: string;
  readonly queue: OtelQueue;
}

/**
 * `memory` as the memory channel of the tuned Flume file, `file` as its file channel: synced at every write.
 * `file-batch`: the same behind a batch processor, so that a write is of ten thousand lines, not of a hundred; what the
 * processor holds is lost with the process, its position written already.
 */
export type OtelQueue = 'memory' | 'file' | 'file-batch';

/** filelog receiver → sending queue → Kafka exporter, set as near to the tuned Flume file as its settings allow. JSON, which is YAML too. */
export function otelConf({ input, dir, bootstrap, topic, queue }: OtelConf): string {
  const batch = 10_000;
  const consumers = 10;
  const durable = queue !== 'memory';
  const gathers = queue === 'file-batch';
  const conf = {
    extensions: {
      file_storage: { directory: `${dir}/storage`, create_directory: true, fsync: durable },
    },
    receivers: {
      file_log: {
        include: [input],
        start_at: 'beginning',
        // The bytes of a line as they are: no replacement of invalid UTF-8, no trimming, no attribute of the file's name.
        encoding: 'utf-8-raw',
        preserve_leading_whitespaces: true,
        preserve_trailing_whitespaces: true,
        include_file_name: false,
        // As TAILDIR's position file.
        storage: 'file_storage',
        operators: [{ type: 'bytes_body' }],
      },
    },
    ...(gathers && {
      processors: { batch: { send_batch_size: batch, send_batch_max_size: batch, timeout: '20ms' } },
    }),
    exporters: {
      kafka: {
        brokers: [bootstrap],
        logs: { topic, encoding: 'raw' },
        // As Kafka's own producer: a busy machine must not make a retry, and so duplicates, of a slow answer.
        timeout: '30s',
        producer: {
          required_acks: 'all',
          linger: '20ms',
          max_message_bytes: 1_000_000,
          flush_max_messages: consumers * batch,
        },
        sending_queue: {
          sizer: 'items',
          queue_size: durable ? 1_000_000 : 200_000,
          // Without it a full queue throws events away.
          block_on_overflow: true,
          num_consumers: consumers,
          ...(!gathers && { batch: { min_size: batch } }),
          ...(durable && { storage: 'file_storage' }),
        },
      },
    },
    service: {
      // None of the other contenders serves metrics, and a fixed port could be taken.
      telemetry: { metrics: { level: 'none' }, logs: { level: 'warn' } },
      extensions: ['file_storage'],
      pipelines: {
        logs: { receivers: ['file_log'], ...(gathers && { processors: ['batch'] }), exporters: ['kafka'] },
      },
    },
  };
  return `${JSON.stringify(conf, null, 2)}\n`;
}
