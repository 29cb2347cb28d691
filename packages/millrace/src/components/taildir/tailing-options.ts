import type { SourceCounter } from '../../component/counters.ts';
import type { ChannelProcessor } from '../../component/source.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type { FileLayer } from '../../runtime/files.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { SourceFiles } from '../../tracking/source-files.ts';
import type { Settings } from './table.ts';
import type { ReadOptions } from './tailed-file.ts';

export interface TailingOptions extends Settings, ReadOptions {
  readonly positionPath: string;
  readonly cachePatternMatching: boolean;
  readonly readCompressed: boolean;
  readonly fileHeaderKey: string | undefined;
  readonly idleTimeoutMs: number;
  readonly deletedTimeoutMs: number;
  /** With `lineGroups`: an event goes on when nothing has come to its file for so long. */
  readonly eventTimeoutMs: number;
  readonly maxBatchCount: number;
  readonly acknowledge: 'channel' | 'delivered';
}

/** The world around: in tests it is imitated. */
export interface TailingWorld {
  readonly files: SourceFiles;
  /** Where the position file and the journal are. */
  readonly state: FileLayer;
  /** Monotonic clock, ms. */
  nowMs(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export interface TailingContext {
  readonly channels: ChannelProcessor;
  readonly counter: SourceCounter;
  readonly log: Logger;
  report(diagnostic: Diagnostic): void;
}
