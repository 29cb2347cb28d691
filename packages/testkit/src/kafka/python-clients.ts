/** Kafka clients for Python, each behind one program in `python/` with the same commands. */
import { join } from 'node:path';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';
import { noteRealServer } from '../process/java.ts';
import { ManagedProcess, runToEnd } from '../process/processes.ts';

export type PythonClient = 'confluent-kafka' | 'kafka-python';

/** Bytes in base64. */
export interface PythonRecord {
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
export async function pythonRecords(
  client: PythonClient,
  bootstrap: string,
  topic: string,
  codec: string,
  records: readonly PythonRecord[],
): Promise<(PythonRecord & { offset: number })[]> {
  const answer = await run(client, ['records', bootstrap, topic, codec], JSON.stringify(records));
  return answer as (PythonRecord & { offset: number })[];
}

/**
 * Three transactions, each with a record for partitions 0 and 1 and the group's offset 10, 11, 12 of partition 0:
 * committed, aborted, committed.
 */
export async function pythonTransactions(
  client: PythonClient,
  bootstrap: string,
  topic: string,
  group: string,
): Promise<TransactionsSeen> {
  return (await run(client, ['transactions', bootstrap, topic, group])) as TransactionsSeen;
}

/** Makes a topic of three partitions kept for an hour, twice; describes it; deletes it, twice. */
export async function pythonAdmin(
  client: PythonClient,
  bootstrap: string,
  topic: string,
): Promise<AdminSeen> {
  return (await run(client, ['admin', bootstrap, topic])) as AdminSeen;
}

/** A member of a group: prints `{"assigned":[…]}` for each new assignment and `{"record":VALUE}`; SIGTERM has it leave. */
export async function startPythonMember(
  client: PythonClient,
  bootstrap: string,
  topic: string,
  group: string,
  protocol: 'classic' | 'consumer',
): Promise<ManagedProcess> {
  const args = [programOf(client), 'member', bootstrap, topic, group, protocol];
  return ManagedProcess.spawn('python3', args, { name: client, env: await environment(client) });
}

async function run(client: PythonClient, args: readonly string[], stdin = ''): Promise<unknown> {
  const options = { name: client, stdin, env: await environment(client), timeoutMs: 120_000 };
  return JSON.parse((await runToEnd('python3', [programOf(client), ...args], options)).stdout);
}

async function environment(client: PythonClient): Promise<NodeJS.ProcessEnv> {
  noteRealServer(client);
  return { ...process.env, PYTHONPATH: await pythonSetDir('kafka') };
}

function programOf(client: PythonClient): string {
  return join(import.meta.dirname, 'python', `${client}-client.py`);
}
