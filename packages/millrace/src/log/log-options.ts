import type { Diagnostic } from '../runtime/diagnostics.ts';
import type { FileLayer } from '../runtime/files.ts';

/** What a log can be told while it runs; names and meanings are those of Kafka's topic settings. */
export interface LogSettings {
  /** `segment.bytes`: a segment is closed before it would grow beyond this. Default 1 GiB. */
  readonly segmentBytes?: number;
  /** `segment.ms`: a segment is closed when its first batch is older, in the batches' own time. Default 7 days. */
  readonly segmentMs?: number;
  /** `segment.index.bytes`: room of one index file; a full index closes the segment. Default 10 MiB. */
  readonly segmentIndexBytes?: number;
  /** `index.interval.bytes`: at most this many bytes of log between two index entries. Default 4096. */
  readonly indexIntervalBytes?: number;
  /** `retention.ms`; -1 or absent keeps for ever. */
  readonly retentionMs?: number;
  /** `retention.bytes`; -1 or absent keeps all. */
  readonly retentionBytes?: number;
}

export interface LogOptions extends LogSettings {
  /** Default: the real files. `new MemoryFiles()` keeps the log in memory. */
  readonly files?: FileLayer;
  /** Written into every batch header. Default 0. */
  readonly leaderEpoch?: number;
  /** First offset of a log that is made new. Default 0. */
  readonly initialOffset?: number;
  /** Unix ms; for tests. */
  readonly now?: () => number;
  /**
   * False: nobody is promised what the device has (`log.flush=os`). A start after a kill then takes the page cache for
   * what it says, and writes nothing of it anew. Default true.
   */
  readonly durable?: boolean;
  /** Told of what recovery cut off, set aside or rebuilt. */
  readonly report?: (diagnostic: Diagnostic) => void;
}

/** Kafka's defaults, but for retention: a log keeps all unless it is told otherwise. */
export const defaultSettings: Required<LogSettings> = {
  segmentBytes: 1 << 30,
  segmentMs: 7 * 24 * 3_600_000,
  segmentIndexBytes: 10 << 20,
  indexIntervalBytes: 4096,
  retentionMs: -1,
  retentionBytes: -1,
};
