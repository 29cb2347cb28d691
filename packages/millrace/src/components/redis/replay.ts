import type { Entry } from './entry.ts';
import { explained, isErrorReply, type RedisCommand, RedisFault, type RedisReply } from './server.ts';

/**
 * Which of these entries, whose streams have greater ones, are not there and never were: neither in their stream, nor
 * older than what it keeps, nor deleted by a reader. The places in `entries`.
 *
 * A stream says what it keeps by its first entry, since Redis 7 what was deleted by `max-deleted-entry-id`, and by
 * `entries-added` whether anything ever went. Up to where something may have gone an entry that is missing counts as gone.
 * Rejects with `RedisFault` where the server answers a question with an error: nothing is known of the entries then.
 */
export async function neverThere(
  entries: readonly Entry[],
  ask: (commands: readonly RedisCommand[]) => Promise<RedisReply[]>,
): Promise<number[]> {
  const found = answered(await ask(entries.map(({ stream, id }) => ['XRANGE', stream, id!, id!])));
  const missing = [...entries.keys()].filter((i) => Array.isArray(found[i]) && found[i].length === 0);
  if (missing.length === 0) return [];
  const streams = [...new Set(missing.map((i) => entries[i]!.stream))];
  const kept = answered(await ask(streams.map((stream) => ['XINFO', 'STREAM', stream])));
  const goneTo = new Map(streams.map((stream, i) => [stream, goneUpTo(kept[i])]));
  return missing.filter((i) => isAfter(entries[i]!.id!, goneTo.get(entries[i]!.stream)!));
}

/** A stream may be deleted, and a right taken away, since the entry was refused. */
function answered(replies: RedisReply[]): RedisReply[] {
  const error = replies.find(isErrorReply);
  if (error !== undefined) throw new RedisFault(explained(error.message), { cause: error });
  return replies;
}

/** The greatest name up to which an entry may have been there and be gone; null: any. */
function goneUpTo(reply: RedisReply): string | null {
  if (!Array.isArray(reply)) return null;
  const value = (name: string): unknown => {
    const at = reply.findIndex((field, i) => i % 2 === 0 && String(field) === name);
    return at < 0 ? undefined : reply[at + 1];
  };
  const added = value('entries-added');
  if (added !== undefined && added === value('length')) return '0-0';
  const first = value('first-entry');
  if (!Array.isArray(first)) return null;
  const deleted = value('max-deleted-entry-id');
  const kept = String(first[0]);
  return deleted === undefined || !isAfter(String(deleted), kept) ? kept : String(deleted);
}

/** By their numbers, `MS-SEQUENCE`. */
function isAfter(id: string, other: string | null): boolean {
  if (other === null) return false;
  const [major = '0', minor = '0'] = id.split('-');
  const [otherMajor = '0', otherMinor = '0'] = other.split('-');
  const by = BigInt(major) - BigInt(otherMajor);
  return by === 0n ? BigInt(minor) > BigInt(otherMinor) : by > 0n;
}
