/**
 * What a configuration does and promises, in plain words. Made of what components say of themselves
 * (`component/promises.ts`) and of how they are connected: no component is known here by its name. The shape is that of
 * `millrace explain --json`; it only ever grows.
 */

/** A component on the way of the events. */
export interface Step {
  readonly kind: 'source' | 'interceptor' | 'selector' | 'channel' | 'sink' | 'sinkgroup';
  readonly name: string;
  /** As the configuration writes it. */
  readonly type: string;
  /** What it does, to stand after its name. */
  readonly does: string;
}

/** What is known of an event that came in at a source: whether it comes out at a sink. */
export type Guarantee =
  /** It arrives once, whatever process is killed. */
  | 'exactly once'
  /** It arrives, perhaps more than once, after a killed process and a power cut. */
  | 'at least once'
  /** As before, but for a power cut. */
  | 'at least once, but for a power cut'
  /** A killed process, or less, loses events. */
  | 'may be lost'
  /** A component on the way promises nothing. */
  | 'not known';

export interface SinkStep extends Step {
  /** When an event is delivered, to stand after "once"; absent: the sink does not say. */
  readonly delivered?: string;
  /** Of the events of the source that it stands below; of a channel that others fill: of those that are in it. */
  readonly guarantee: Guarantee;
}

export interface ChannelStep extends Step {
  readonly sinks: readonly SinkStep[];
}

/** From one source on; or from a channel that no source of the agent fills. */
export interface Flow {
  readonly source?: Step;
  readonly interceptors: readonly Step[];
  readonly selector?: Step;
  readonly channels: readonly ChannelStep[];
}

/** One thing to know, and where. */
export interface Statement {
  /** `source r1`, or `source r1 and channel c1` for what comes of both. */
  readonly where: string;
  /** A sentence without its full stop. */
  readonly text: string;
  /** What is better, beginning with a verb. */
  readonly instead?: string;
}

export interface AgentExplanation {
  readonly name: string;
  /** Whether it runs with at least one source or sink. */
  readonly runs: boolean;
  readonly flows: readonly Flow[];
  /** Groups of sinks, and how they share the work. */
  readonly groups: readonly Step[];
  readonly losses: readonly Statement[];
  readonly doubles: readonly Statement[];
  readonly order: readonly Statement[];
  /** Where it is slower, or stands still sooner, than it had to. */
  readonly limits: readonly Statement[];
}

export interface Explanation {
  readonly agents: readonly AgentExplanation[];
}
