/** File to Kafka as one thing grows: event size, compression, partitions, number of tailed files. */
import { createReadStream, createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sumFiles } from '../../packages/testkit/src/files/access-log.ts';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { type CollectConf, collectConf } from '../lib/collect-conf.ts';
import { type Corpus, corpus } from '../lib/corpus.ts';
import { KafkaPeer } from '../lib/kafka-peer.ts';
import { startFlume, startMillraceAgent } from '../lib/programs.ts';
import type { Contender, Row, RowSpec } from '../lib/row.ts';
import { measureCollect } from './file-to-kafka.ts';

/** One step of a series: what differs from the plain file-to-Kafka job. */
interface Step {
  readonly label: string;
  readonly partitions?: number;
  readonly conf?: Partial<CollectConf>;
  readonly topicConfig?: Readonly<Record<string, string>>;
  /** The input of so many events; `dir` is the row's own folder. */
  input(events: number, dir: string): Promise<{ corpus: Corpus; path?: string }>;
}

const plain = async (events: number) => ({ corpus: await corpus(events) });

/** Keeps the volume of a run near that of the plain job, whatever an event weighs. */
const scaled = (events: number, bytes: number) =>
  Math.max(200, Math.min(events, Math.round((events * 206) / bytes)));

const sizes: readonly Step[] = [50, 200, 1_000, 10_000, 1_000_000].map((bytes) => ({
  label: bytes >= 1_000_000 ? `${bytes / 1e6}MB` : bytes >= 1_000 ? `${bytes / 1e3}KB` : `${bytes}B`,
  conf: { maxEventBytes: bytes },
  topicConfig: { 'max.message.bytes': '10485760' },
  input: async (events: number) => ({ corpus: await corpus(scaled(events, bytes), bytes) }),
}));

const codecs: readonly Step[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((compression) => ({
  label: compression,
  conf: { compression },
  input: plain,
}));

const partitionCounts: readonly Step[] = [1, 10, 100, 1_000].map((partitions) => ({
  label: `${partitions}`,
  partitions,
  input: plain,
}));

const fileCounts: readonly Step[] = [1, 100, 1_000, 2_000].map((count) => ({
  label: `${count}`,
  input: (events: number, dir: string) => splitCorpus(events, count, dir),
}));

/** The corpus in `count` files of equal length, named so that one regular expression takes them all. */
async function splitCorpus(
  events: number,
  count: number,
  dir: string,
): Promise<{ corpus: Corpus; path: string }> {
  const folder = join(dir, `files-${count}`);
  const share = Math.floor(events / count);
  const part = await corpus(share);
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const path = join(folder, `${String(i).padStart(5, '0')}.log`);
    await pipeline(createReadStream(part.path), createWriteStream(path));
    files.push(path);
  }
  return { corpus: { path: files[0]!, sum: await sumFiles(files) }, path: join(folder, '.*\\.log') };
}

const programs = { millrace: startMillraceAgent, flume: startFlume } as const;
type Program = keyof typeof programs;

interface Series {
  readonly name: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

function seriesRow(series: Series): RowSpec {
  const entries = series.steps.flatMap((step) =>
    (Object.keys(programs) as Program[]).map((program) => ({
      name: `${program}-${step.label}`,
      program,
      step,
    })),
  );
  return {
    name: series.name,
    title: series.title,
    method:
      'As file-to-kafka with the tuned memory-channel file, one thing changed; the volume of a run stays about the same.',
    baseline: entries[0]!.name,
    onDemand: true,
    eventsOfAll: 500_000,
    contenderNames: entries.map(({ name }) => name),
    async open({ events, contenders }): Promise<Row> {
      const kafka = await KafkaPeer.start();
      await kafka.warmUp();
      const dir = tempDir('millrace-bench-files-');
      return {
        contenders: entries
          .filter(({ name }) => contenders.includes(name))
          .map(({ name, program, step }) => contenderOf(name, program, step, { kafka, dir, events })),
        async [Symbol.asyncDispose]() {
          await kafka[Symbol.asyncDispose]();
          await dir[Symbol.asyncDispose]();
        },
      };
    },
  };
}

function contenderOf(
  name: string,
  program: Program,
  step: Step,
  shared: { kafka: KafkaPeer; dir: TempDir; events: number },
): Contender {
  return {
    name,
    what: `${program} agent, tuned memory channel, ${step.label}`,
    async measure(options) {
      const input = await step.input(shared.events, shared.dir.path);
      try {
        return await measureCollect(
          shared.kafka,
          name,
          ({ dir, ...at }) =>
            programs[program](dir, collectConf({ ...at, dir, channel: 'memory', tuned: true, ...step.conf })),
          input.corpus,
          options,
          {
            partitions: step.partitions ?? 4,
            inputPath: input.path ?? input.corpus.path,
            ...(step.topicConfig && { topicConfig: step.topicConfig }),
          },
        );
      } finally {
        if (input.path) rmSync(join(input.path, '..'), { recursive: true, force: true });
      }
    },
  };
}

export const seriesRows: readonly RowSpec[] = [
  { name: 'event-sizes', title: 'File to Kafka by event size', steps: sizes },
  { name: 'codecs', title: 'File to Kafka by compression', steps: codecs },
  { name: 'partitions', title: 'File to Kafka by number of partitions', steps: partitionCounts },
  { name: 'tailed-files', title: 'File to Kafka by number of tailed files', steps: fileCounts },
].map(seriesRow);
