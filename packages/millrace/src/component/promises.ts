/**
 * What a component promises for the events that pass it, with the options that it has: `millrace explain` puts the
 * promises of a source, its channels and their sinks together and says where events can be lost, come twice or change
 * their order. All of it is pure: of the options alone. A component that promises nothing is said to promise nothing.
 *
 * Texts are clauses in plain words, without a full stop, and begin with a small letter.
 */

/** Events that the component itself loses, whatever stands before and behind it. */
export interface Loss {
  /** What has to happen, to stand after "when": `the channel is full`. Absent: nothing has to, it is always so. */
  readonly when?: string;
  /** What is lost then: `datagrams are dropped`. */
  readonly what: string;
  /** What to set or use instead, beginning with a verb: `use TAILDIR`. */
  readonly instead?: string;
}

interface Promises {
  /** What it does, to stand after its name: `follows the files that match /logs/.*log`. */
  readonly does: string;
  readonly losses?: readonly Loss[];
  /** When events come twice: `a rebalance of the group repeats what was not committed`. */
  readonly doubles?: readonly string[];
  /** In which order events go on; absent: in the order in which they came. */
  readonly order?: string;
}

/**
 * Who still has an event that no channel has, or that a channel lost:
 * - `rereads`: the source reads it again by itself, up to where `until` says;
 * - `sender`: who sent it has no answer yet and may send it again;
 * - `nobody`: nobody has it;
 * - `made`: the source makes its events, nothing can be lost.
 */
export type Origin = 'rereads' | 'sender' | 'nobody' | 'made';

export interface SourcePromises extends Promises {
  readonly origin: Origin;
  /** Until when the origin is kept: `taken` until the channels have the event, `delivered` until a sink has delivered it. */
  readonly until: 'taken' | 'delivered';
  /** How to have `delivered`, or an origin that rereads, where that can be had: a clause that begins with a verb. */
  readonly safer?: string;
}

/** Of a source that answers each sender once its channels have what it sent. */
export const promisesToSender = (does: string): SourcePromises => ({
  does,
  origin: 'sender',
  until: 'taken',
  doubles: ['a sender that lost its answer sends its events again'],
});

/** What every source of datagrams loses, and whom nobody tells. */
export const datagramLosses: readonly Loss[] = [
  {
    when: 'the channels have no room for longer, or more comes at once than the system holds',
    what: 'datagrams are dropped; they are counted (DatagramDroppedCount)',
    instead: 'take them over TCP, or make the channel larger',
  },
  { what: 'datagrams that the network drops are seen by nobody', instead: 'take them over TCP' },
];

export interface ChannelPromises extends Promises {
  /** What events that a put has committed survive, at worst: nothing but an orderly stop, a killed process, a power cut. */
  readonly survives: 'stop' | 'kill' | 'power cut';
  /** A channel, or a setting, whose events survive more. */
  readonly safer?: string;
  /** A source's progress is stored with its events, so that a killed process brings none of them twice. */
  readonly keepsProgress?: boolean;
}

export interface SinkPromises extends Promises {
  /** When an event counts as delivered, to stand after "once": `the brokers in sync have it (acks=all)`. */
  readonly delivered: string;
  /** What was delivered survives, at the destination: as for a channel. `unknown`: that is up to the destination. */
  readonly survives: 'nothing' | 'kill' | 'power cut' | 'unknown';
  /** An event that was delivered and not yet taken off the channel does not come again. */
  readonly exactlyOnce?: boolean;
}

/** Of whatever stands between: an interceptor, a selector, a processor. */
export type PassingPromises = Promises;
