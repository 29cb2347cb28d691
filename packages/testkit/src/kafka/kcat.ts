/** kcat (librdkafka) against any broker that speaks Kafka's protocol. */
import { noteRealServer } from '../process/java.ts';
import { type Finished, ManagedProcess, runToEnd } from '../process/processes.ts';

export interface KcatOptions {
  readonly stdin?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly anyExit?: boolean;
}

/** Runs `kcat -b BOOTSTRAP ARGS` to its end. */
export async function kcat(
  bootstrap: string,
  args: readonly string[],
  options: KcatOptions = {},
): Promise<Finished> {
  noteRealServer('kcat');
  return runToEnd('kcat', ['-b', bootstrap, ...args], { name: 'kcat', ...options });
}

/** Starts kcat without waiting for its end: a group member, a consumer that follows. */
export async function startKcat(
  bootstrap: string,
  args: readonly string[],
  options: { stdin?: string | 'pipe'; keepBytes?: number } = {},
): Promise<ManagedProcess> {
  noteRealServer('kcat');
  return ManagedProcess.spawn('kcat', ['-b', bootstrap, ...args], { name: 'kcat', ...options });
}

/** Produces one record per line. */
export async function kcatProduce(
  bootstrap: string,
  topic: string,
  lines: readonly string[],
  args: readonly string[] = [],
): Promise<void> {
  await kcat(bootstrap, ['-P', '-t', topic, ...args], { stdin: lines.map((line) => `${line}\n`).join('') });
}

export interface KcatRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly headers: string;
  readonly value: Buffer;
}

/** Everything in a topic from the beginning to its present end, values as bytes; order holds within a partition. */
export async function kcatConsumeAll(
  bootstrap: string,
  topic: string,
  args: readonly string[] = [],
): Promise<KcatRecord[]> {
  // Sizes come before what may hold any byte, so that the output can be taken apart safely.
  const format = '%t %p %o %T %K %S %h\\n%k%s\\n';
  const { stdoutBytes } = await kcat(
    bootstrap,
    ['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-f', format, ...args],
    {
      timeoutMs: 120_000,
    },
  );
  const records: KcatRecord[] = [];
  let at = 0;
  while (at < stdoutBytes.length) {
    const lineEnd = stdoutBytes.indexOf(10, at);
    const [name, partition, offset, timestamp, keyBytes, valueBytes, ...headers] = stdoutBytes
      .toString('utf8', at, lineEnd)
      .split(' ');
    const keyAt = lineEnd + 1;
    const valueAt = keyAt + Math.max(0, Number(keyBytes));
    const end = valueAt + Math.max(0, Number(valueBytes));
    records.push({
      topic: name!,
      partition: Number(partition),
      offset: Number(offset),
      timestampMs: Number(timestamp),
      key: Number(keyBytes) < 0 ? null : Buffer.from(stdoutBytes.subarray(keyAt, valueAt)),
      headers: headers.join(' '),
      value: Buffer.from(stdoutBytes.subarray(valueAt, end)),
    });
    at = end + 1;
  }
  return records;
}
