/** Apache Kafka as the bench uses it: production flags, one node, its own costs measured. */

import { OffsetProbe } from '../../packages/testkit/src/kafka/offset-probe.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';
import {
  cpuSeconds,
  endedChildrenCpuSeconds,
  FigureSampler,
  memoryOf,
} from '../../packages/testkit/src/process/process-figures.ts';
import { runToEnd } from '../../packages/testkit/src/process/processes.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';
import { corpus } from './corpus.ts';
import type { ProcessCost } from './measurement.ts';
import type { Measured } from './programs.ts';

const warmUpEvents = 500_000;

export class KafkaPeer implements AsyncDisposable {
  readonly kafka: RealKafka;
  readonly readyRssBytes: number | null;
  readonly #sampler: FigureSampler;
  #cpuAtMark = 0;
  #childrenAtMark = 0;

  private constructor(kafka: RealKafka) {
    this.kafka = kafka;
    this.readyRssBytes = memoryOf(kafka.pid())?.rssBytes ?? null;
    this.#sampler = new FigureSampler(kafka.pid());
  }

  /** `settings`: over those below. */
  static async start(settings: Readonly<Record<string, string | number>> = {}): Promise<KafkaPeer> {
    return new KafkaPeer(
      await RealKafka.start({
        jvm: 'measured',
        settings: {
          'num.network.threads': 3,
          'num.io.threads': 8,
          // Deleted topics of earlier runs go at once: the disk is part of the machine that is measured.
          'file.delete.delay.ms': 1000,
          'log.segment.delete.delay.ms': 1000,
          'message.max.bytes': 10_485_760,
          ...settings,
        },
      }),
    );
  }

  get bootstrap(): string {
    return this.kafka.bootstrap;
  }

  get port(): number {
    return this.kafka.port();
  }

  get readyAfterMs(): number {
    return this.kafka.readyAfterMs();
  }

  /** Creates a topic and waits until its partitions have their leader. */
  async createTopic(
    topic: string,
    partitions: number,
    config: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await this.kafka.tools.createTopic(topic, { partitions, config });
    await using probe = await OffsetProbe.open(this.port);
    await waitFor(`the leaders of ${topic}`, () => probe.endOffsets(topic, partitions));
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.kafka.tools.run('kafka-topics', ['--delete', '--topic', topic]);
  }

  /** Lets the JVM compile its produce and fetch paths, so that the first contender has the same Kafka as the last. */
  async warmUp(): Promise<void> {
    const { path } = await corpus(warmUpEvents);
    await this.createTopic('warm-up', 4);
    for (let i = 0; i < 3; i += 1) {
      await runToEnd('kcat', ['-b', this.bootstrap, '-P', '-t', 'warm-up', '-l', path]);
    }
    await runToEnd('kcat', [
      '-b',
      this.bootstrap,
      '-C',
      '-t',
      'warm-up',
      '-o',
      'beginning',
      '-e',
      '-q',
      '-f',
      '',
    ]);
    await this.deleteTopic('warm-up');
  }

  mark(): void {
    this.#cpuAtMark = cpuSeconds(this.kafka.pid()) ?? 0;
    this.#childrenAtMark = endedChildrenCpuSeconds();
  }

  costSinceMark(): ProcessCost {
    const { cpuSeconds: total, peakRssBytes } = this.#sampler.sample();
    return { cpuSeconds: total - this.#cpuAtMark, readyRssBytes: this.readyRssBytes, peakRssBytes };
  }

  /** The exact cost of a program that has ended, when nothing else has since the mark. */
  endedChildCost(child: Measured): ProcessCost {
    return { ...child.costSinceMark(), cpuSeconds: endedChildrenCpuSeconds() - this.#childrenAtMark };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sampler[Symbol.dispose]();
    await this.kafka[Symbol.asyncDispose]();
  }
}
