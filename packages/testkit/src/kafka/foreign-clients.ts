/** Kafka clients of others, each behind one program with the same commands: for Python those in `python/`. */
import { join } from 'node:path';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';
import { noteRealServer } from '../process/java.ts';
import { ManagedProcess, runToEnd } from '../process/processes.ts';

export type ForeignClient = 'confluent-kafka' | 'kafka-python' | 'kafkajs';

/** Bytes in base64. */
export interface ForeignRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface TransactionsSeen {
  readonly read_committed: readonly (readonly [partition: number, value: string])[];
  readonly read_uncommitted: readonly (readonly [partition: number, value: string])[];
  /** What the group has committed for partition 0. */
  readonly offset: number;
}

export interface AdminSeen {
  /** Of asking twice: null, or the client's name for the error. */
  readonly created: readonly (string | null)[];
  readonly partitions: number | null;
  readonly configs: Readonly<Record<string, string>>;
  readonly deleted: readonly (string | null)[];
  /** Partitions of the topic when it is deleted: null, as there is none. */
  readonly left: number | null;
}

/** Produces the records with a codec, and resolves with everything in the topic, by partition and offset. */
export async function foreignRecords(
  client: ForeignClient,
  bootstrap: string,
  topic: string,
  codec: string,
  records: readonly ForeignRecord[],
): Promise<(ForeignRecord & { offset: number })[]> {
  const answer = await run(client, ['records', bootstrap, topic, codec], JSON.stringify(records));
  return answer as (ForeignRecord & { offset: number })[];
}

/**
 * Three transactions, each with a record for partitions 0 and 1 and the group's offset 10, 11, 12 of partition 0:
 * committed, aborted, committed.
 */
export async function foreignTransactions(
  client: ForeignClient,
  bootstrap: string,
  topic: string,
  group: string,
): Promise<TransactionsSeen> {
  return (await run(client, ['transactions', bootstrap, topic, group])) as TransactionsSeen;
}

/** Makes a topic of three partitions kept for an hour, twice; describes it; deletes it, twice. */
export async function foreignAdmin(
  client: ForeignClient,
  bootstrap: string,
  topic: string,
): Promise<AdminSeen> {
  return (await run(client, ['admin', bootstrap, topic])) as AdminSeen;
}

/** A member of a group: prints `{"assigned":[…]}` for each new assignment and `{"record":VALUE}`; SIGTERM has it leave. */
export async function startForeignMember(
  client: ForeignClient,
  bootstrap: string,
  topic: string,
  group: string,
  protocol: 'classic' | 'consumer',
): Promise<ManagedProcess> {
  const [command, program] = programOf(client);
  const args = [program, 'member', bootstrap, topic, group, protocol];
  return ManagedProcess.spawn(command, args, { name: client, env: await environment(client) });
}

async function run(client: ForeignClient, args: readonly string[], stdin = ''): Promise<unknown> {
  const [command, program] = programOf(client);
  const options = { name: client, stdin, env: await environment(client), timeoutMs: 120_000 };
  return JSON.parse((await runToEnd(command, [program, ...args], options)).stdout);
}

async function environment(client: ForeignClient): Promise<NodeJS.ProcessEnv> {
  noteRealServer(client);
  return client === 'kafkajs' ? process.env : { ...process.env, PYTHONPATH: await pythonSetDir('kafka') };
}

function programOf(client: ForeignClient): [command: string, program: string] {
  if (client === 'kafkajs') return [process.execPath, join(import.meta.dirname, 'kafkajs-client.ts')];
  return ['python3', join(import.meta.dirname, 'python', `${client}-client.py`)];
}
