import type { ProcessStatus } from '../../component/source.ts';

/** One sink of a group, as its processor sees it. */
export interface GroupMember {
  readonly name: string;
  /** A turn of the sink; throws also while the sink is not started. */
  process(signal: AbortSignal): Promise<ProcessStatus>;
}
