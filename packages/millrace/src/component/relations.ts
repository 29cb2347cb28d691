/**
 * What a component says of the world around it, for those who look at a whole configuration: which streams it reads and
 * writes, which headers its events have or need, which systems keep its positions. All of it is pure: of the options
 * alone, without I/O. What a component does not say is not known, and nothing is concluded from it.
 */

/** How events stand in a stream. */
export type StreamFormat =
  /** Avro data of Flume's event, headers and body. */
  | 'flume-event'
  /** The body alone. */
  | 'body';

/** Named streams outside of the agent, such as the topics of a cluster: loops are found by them. */
interface Streams {
  /** Where they are: `host:port` each, or the name of what there is once, such as `files`; two systems are one where they share any. */
  readonly at: readonly string[];
  /** The header that holds the stream's name, where events carry it or are sent by it. */
  readonly header?: string;
  readonly format?: StreamFormat;
  /** The property that says how events stand there. */
  readonly formatKey?: string;
}
export interface ReadStreams extends Streams {
  includes(name: string): boolean;
}
export interface WrittenStream extends Streams {
  /** Where events go that carry no `header`: a topic, the path of a file as they are named there. */
  readonly name: string;
  /** The property that gives it. */
  readonly key: string;
  /** In a sentence, where that is not its name. */
  readonly title?: string;
  /** What to do when events come back by it, beginning with a verb, where that is not to write to another topic. */
  readonly remedy?: string;
}
/** The stream in which a channel keeps its events: puts write it, takes read it. */
export type ChannelStream = Omit<WrittenStream, 'header'>;

/** A system that keeps positions, such as a Kafka cluster. */
export interface PositionSystem {
  /** `host:port` each; two are one system where they share any. */
  readonly at: readonly string[];
}
export interface TransactionSystem extends PositionSystem {
  /** Under which name its transactions are kept: who else uses it fences this one. */
  readonly id: string;
  /** The property that gives it. */
  readonly key: string;
}

/** A header that a component goes by. */
export interface HeaderNeed {
  readonly header: string;
  /** The property that asks for it. */
  readonly key: string;
  /** What becomes of an event that has no such header, to stand after "an event without it": `is set aside`. */
  readonly without: string;
  /** What else than setting the header would do, as a clause that begins with a verb. */
  readonly instead?: string;
}
