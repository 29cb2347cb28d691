import type { ProcessStatus } from '../../component/source.ts';
import type { SinkProcessor } from '../sink-runner.ts';
import type { GroupMember } from './member.ts';

/** Flume's DefaultSinkProcessor: exactly one sink, nothing in between. */
export class DefaultProcessor implements SinkProcessor {
  readonly #member: GroupMember;

  constructor(member: GroupMember) {
    this.#member = member;
  }

  process(signal: AbortSignal): Promise<ProcessStatus> {
    return this.#member.flow(signal);
  }
}
