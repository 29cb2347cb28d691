/** What is told at the end of a process. */
import type { ChannelEnd, ThreadEnd } from './threads.ts';

export interface Loss {
  /** Whether events are lost, or may be. */
  readonly isLost: boolean;
  readonly sentences: readonly string[];
}

const number = (value: number): string => value.toLocaleString('en');

/** What a stop lost: events in channels that only memory held, and whatever a thread could not tell any more. */
export function lossOf(ends: readonly ThreadEnd[]): Loss {
  const lost = ends.flatMap(({ channels }) => channels).filter((channel) => channel.lost > 0);
  const problems = ends.flatMap((end) => end.problems);
  return {
    isLost: lost.length > 0 || ends.some(({ known }) => !known),
    sentences: [
      ...problems,
      ...lost.map(
        ({ agent, channel, lost: events }) =>
          `agent ${agent}: ${number(events)} events of channel ${channel} could not be delivered and are lost`,
      ),
    ],
  };
}

/** Events in and out of each agent and what its channels held or lost; records and bytes of each topic. */
export function closingSummary(ends: readonly ThreadEnd[]): readonly string[] {
  const lines: string[] = [];
  for (const { metrics, channels, broker } of ends) {
    const values = (kind: string, attribute: string): number[] =>
      metrics.flatMap((m) => (m.kind === kind ? [Number(m.attributes[attribute] ?? 0)] : []));
    const sum = (kind: string, attribute: string): number =>
      values(kind, attribute).reduce((total, value) => total + value, 0);
    // Not every source and sink counts; what passed through its largest channel is then the better word.
    const most = (attribute: string): number => Math.max(0, ...values('CHANNEL', attribute));
    const of = (field: 'held' | 'lost' | 'refused'): number =>
      channels.reduce((total: number, channel: ChannelEnd) => total + channel[field], 0);
    const agent = metrics[0]?.agent;
    if (agent !== undefined) {
      const taken = Math.max(sum('SOURCE', 'EventAcceptedCount'), most('EventPutSuccessCount'));
      const drained = Math.max(0, ...channels.map(({ delivered }) => delivered));
      // Takes count what was refused, too; they are for threads that could tell no end of their channels.
      const takes = channels.length === 0 ? most('EventTakeSuccessCount') : 0;
      const given = Math.max(sum('SINK', 'EventDrainSuccessCount'), drained, takes);
      const refused = of('refused') > 0 ? `, ${number(of('refused'))} refused and set aside` : '';
      lines.push(
        `agent ${agent}: ${number(taken)} events in, ${number(given)} out, ${number(of('held'))} held, ${number(of('lost'))} lost${refused}`,
      );
    }
    const topics = new Map<string, { records: number; sizeBytes: number }>();
    for (const { topic, startOffset, endOffset, sizeBytes } of broker?.partitions ?? []) {
      const total = topics.get(topic) ?? { records: 0, sizeBytes: 0 };
      total.records += endOffset - startOffset;
      total.sizeBytes += sizeBytes;
      topics.set(topic, total);
    }
    for (const [topic, { records, sizeBytes }] of topics) {
      lines.push(`topic ${topic}: ${number(records)} records, ${number(sizeBytes)} bytes`);
    }
  }
  return lines.length === 0 ? [] : ['stopped', ...lines.map((line) => `  ${line}`)];
}
