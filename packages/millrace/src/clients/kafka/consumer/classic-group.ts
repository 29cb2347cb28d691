import type { Deadline } from '../../../runtime/deadline.ts';
import type { KafkaClient } from '../client.ts';
import type { BrokerNode } from '../cluster-metadata.ts';
import { type ConsumerOptions, keyOf } from '../options.ts';
import type { CommitRefusal } from './commit-refused.ts';
import { GroupMember, type GroupMemberOptions, type Joined } from './group-member.ts';
import type { Generation, GroupHost, GroupMembership } from './group-membership.ts';
import { Subscription } from './subscription.ts';

/** The classic protocol: all members join, one of them deals, and each learns what is its own (KIP-62, KIP-429). */
export class ClassicGroup implements GroupMembership<Joined> {
  readonly #member: GroupMember;
  readonly #subscription: Subscription;
  readonly #host: GroupHost;
  readonly isEager: boolean;
  #joining: Promise<void> | null = null;
  /** How a join ended, to be taken over. */
  #joined: Joined | { error: unknown } | null = null;

  constructor(
    client: KafkaClient,
    topics: ConsumerOptions,
    options: GroupMemberOptions,
    purpose: string,
    host: GroupHost,
  ) {
    this.#host = host;
    // All assignors understand incremental rebalancing.
    this.isEager = options.assignors.some((name) => name !== 'cooperative-sticky');
    this.#member = new GroupMember(client, options, purpose, () => host.wake());
    this.#subscription = new Subscription(client, topics, () => this.#member.askToRejoin());
  }

  get memberId(): string {
    return this.#member.memberId;
  }

  get generationId(): number {
    return this.#member.generationId;
  }

  get joinDue(): boolean {
    return this.#joining === null && this.#member.rejoin;
  }

  get lost(): boolean {
    return this.#member.lost;
  }

  set lost(lost: boolean) {
    this.#member.lost = lost;
  }

  polled(): void {
    this.#member.polled();
  }

  join(): void {
    this.#joining = this.#join().finally(() => {
      this.#joining = null;
      this.#host.wake();
    });
  }

  takeDealt(): Joined | null {
    const joined = this.#joined;
    this.#joined = null;
    if (joined !== null && 'error' in joined) throw joined.error;
    // An assignment of a generation that was lost before it was taken over may be another member's by now.
    return joined !== null && this.#member.continues(joined) ? joined : null;
  }

  settled({ assignment, claimed }: Joined): void {
    // What was claimed and is not dealt is dealt to nobody before all have joined once more (KIP-429).
    const wanted = new Set(assignment.map(keyOf));
    const isWithheld = claimed.some((partition) => !wanted.has(keyOf(partition)));
    if (!this.isEager && isWithheld) this.#member.rejoin = true;
  }

  async close(deadline?: Deadline): Promise<void> {
    this.#subscription.close();
    await this.#member.close(deadline);
  }

  async #join(): Promise<void> {
    try {
      this.#joined = await this.#member.join({
        topics: await this.#subscription.refresh(),
        owned: () => this.#host.owned(),
        partitionCounts: (topics) => this.#subscription.deal(topics),
      });
      this.#subscription.watch(() => this.#member.leads && this.#joining === null);
    } catch (error) {
      this.#member.rejoin = true;
      this.#joined = { error };
    }
  }

  // What commits need

  get closing(): AbortSignal {
    return this.#member.closing;
  }

  generation(): Generation | CommitRefusal {
    return this.#member.generation();
  }

  continues(sent: Generation): boolean {
    return this.#member.continues(sent);
  }

  asReader(): Generation | null {
    return null;
  }

  coordinator(timeoutMs?: number): Promise<BrokerNode> {
    return this.#member.coordinator(timeoutMs);
  }

  failed(errorName: string, sent: Generation | null): boolean {
    this.#member.failed(errorName, sent);
    return false;
  }
}
