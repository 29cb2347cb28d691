/** Where the events of a batch go in Kafka, and as which records: Flume's KafkaSink and KafkaChannel without the sending. */

import type { RefusedEvent } from '../../clients/kafka/producer/send-failure.ts';
import { topicNameFault } from '../../protocol/topic-name.ts';
import { encodeAvroEvents } from '../../records/avro-event.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { stripToBodies, zeroTimestamps } from '../../records/transform.ts';
import { MillraceError } from '../../runtime/errors.ts';

export interface RouteOptions {
  /** May hold `%{header}` where `allowTopicOverride` is true. */
  readonly topic: string;
  readonly allowTopicOverride: boolean;
  readonly topicHeader: string;
  readonly partitionIdHeader: string | undefined;
  readonly defaultPartitionId: number | undefined;
  readonly timestampHeader: string | undefined;
  /** Flume header → record header. */
  readonly headerNames: ReadonlyMap<string, string>;
  readonly useFlumeEventFormat: boolean;
  /** Told of a timestamp header that is no number; the record then gets the time at which it leaves. */
  readonly onBadTimestamp: (value: string) => void;
}

/** A batch for one topic, and one partition where somebody chose it. */
export interface RoutedBatch {
  readonly topic: string;
  readonly partition: number | null;
  readonly batch: EventBatch;
  /** Its records get the time at which they leave. */
  readonly stamp: boolean;
  /** Of each event, its place in the batch that was routed; null: all of it, in order. */
  readonly indexes: readonly number[] | null;
}

/** A batch cut by destination, and the events that name no possible one. */
export interface RoutedEvents {
  readonly parts: readonly RoutedBatch[];
  readonly refused: readonly RefusedEvent[];
}

const keyHeader = 'key';

/** The batch cut by destination, in order for each. Throws `DELIVERY_FAILED` for a bad partition or topic. */
export function routeBatch(batch: EventBatch, options: RouteOptions): readonly RoutedBatch[] {
  const { parts, refused } = routeEvents(batch, options);
  if (refused.length > 0) throw new MillraceError('DELIVERY_FAILED', refused[0]!.reason);
  return parts;
}

/** The batch cut by destination, in order for each; events with a bad partition or topic apart. */
export function routeEvents(batch: EventBatch, options: RouteOptions): RoutedEvents {
  if (!headersAreShared(batch, options)) return routeEach(batch, options);
  const { sharedHeaders } = batch;
  const fault = topicFault(sharedHeaders, options) ?? partitionFault(sharedHeaders, options);
  if (fault === null) return { parts: [routeWhole(batch, options)], refused: [] };
  return {
    parts: [],
    refused: Array.from({ length: batch.count }, (_, index) => ({ index, reason: fault })),
  };
}

/** Whether all events have the same topic, partition, timestamp header and mapped headers, and which key is known. */
function headersAreShared(batch: EventBatch, options: RouteOptions): boolean {
  const { origin } = batch;
  if (origin === undefined) return !batch.hasRecordHeaders;
  if (batch.hasKeys && origin.keyHeader !== undefined) return false;
  if (batch.hasRecordHeaders && (origin.headerNames === undefined || origin.headerNames.size > 0))
    return false;
  const shown = [origin.offsetHeader, origin.timestampHeader];
  const read = [
    options.topicHeader,
    options.partitionIdHeader,
    options.timestampHeader,
    ...options.headerNames.keys(),
  ];
  const escapes = options.allowTopicOverride && options.topic.includes('%{');
  return !escapes && !read.some((name) => name !== undefined && shown.includes(name));
}

/** One destination for all; the bytes pass through where no key, record header or time has to be written. */
function routeWhole(batch: EventBatch, options: RouteOptions): RoutedBatch {
  const headers = batch.sharedHeaders;
  const topic = topicOf(headers, options);
  const partition = partitionOf(headers, options);
  const timestamp = timestampOf(headers, options);
  const key = headers.has(keyHeader) ? keyHeader : undefined;
  const { headerNames } = options;
  const mapped = [...headerNames.keys()].some((name) => headers.has(name));
  let sent: EventBatch;
  if (options.useFlumeEventFormat)
    sent = withMappedHeaders(encodeAvroEvents(batch, keyHeader), batch, options);
  else
    sent = stripToBodies(batch.withOrigin(undefined), {
      keyHeader: key,
      headerNames: mapped ? headerNames : undefined,
    });
  if (timestamp !== null) sent = zeroTimestamps(sent, timestamp);
  else if (sent.hasTimestamps) sent = zeroTimestamps(sent, Date.now());
  return { topic, partition, batch: sent, stamp: timestamp === null, indexes: null };
}

/** Avro values have no record headers; those that are mapped are added. */
function withMappedHeaders(
  encoded: EventBatch,
  source: EventBatch,
  { headerNames }: RouteOptions,
): EventBatch {
  const picked = pickHeaders(source.sharedHeaders, headerNames);
  if (picked.length === 0) return encoded;
  const builder = new BatchBuilder();
  for (const event of encoded) builder.add(event.body, picked, event.key, source.baseTimestamp);
  return builder.build();
}

function pickHeaders(
  headers: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): [string, string][] {
  const picked: [string, string][] = [];
  for (const [eventName, recordName] of names) {
    const value = headers.get(eventName);
    if (value !== undefined) picked.push([recordName, value]);
  }
  return picked;
}

/** Event by event: each may have a topic, partition, key, time and headers of its own. */
function routeEach(batch: EventBatch, options: RouteOptions): RoutedEvents {
  const values = options.useFlumeEventFormat ? encodeAvroEvents(batch) : batch;
  const now = Date.now();
  const parts = new Map<
    string,
    {
      topic: string;
      partition: number | null;
      stamp: boolean;
      builder: BatchBuilder;
      indexes: number[];
    }
  >();
  const refused: RefusedEvent[] = [];
  for (let i = 0; i < batch.count; i++) {
    const headers = batch.event(i).headers();
    const fault = topicFault(headers, options) ?? partitionFault(headers, options);
    if (fault !== null) {
      refused.push({ index: i, reason: fault });
      continue;
    }
    const topic = topicOf(headers, options);
    const partition = partitionOf(headers, options);
    const timestamp = timestampOf(headers, options);
    const id = `${partition ?? ''} ${topic}`;
    let part = parts.get(id);
    if (part === undefined) {
      part = { topic, partition, stamp: true, builder: new BatchBuilder(), indexes: [] };
      parts.set(id, part);
    }
    if (timestamp !== null) part.stamp = false;
    const key = headers.get(keyHeader) ?? null;
    part.indexes.push(i);
    part.builder.add(values.event(i).body, pickHeaders(headers, options.headerNames), key, timestamp ?? now);
  }
  const built = [...parts.values()].map(({ topic, partition, stamp, builder, indexes }) => {
    return { topic, partition, stamp, batch: builder.build(), indexes };
  });
  return { parts: built, refused };
}

function topicOf(headers: ReadonlyMap<string, string>, options: RouteOptions): string {
  let { topic } = options;
  if (options.allowTopicOverride) {
    topic =
      headers.get(options.topicHeader) ??
      topic.replace(/%\{([\w.-]+)\}/g, (_, name: string) => headers.get(name) ?? '');
  }
  return topic;
}

/** Kafka's producer and Flume's sink throw for such events; they never become better. */
function topicFault(headers: ReadonlyMap<string, string>, options: RouteOptions): string | null {
  const topic = topicOf(headers, options);
  const fault = topicNameFault(topic);
  return fault === null ? null : `Invalid topics: [${topic}]: a topic cannot have this name: ${fault}`;
}

function partitionOf(headers: ReadonlyMap<string, string>, options: RouteOptions): number | null {
  const { partitionIdHeader, defaultPartitionId } = options;
  const text = partitionIdHeader === undefined ? undefined : headers.get(partitionIdHeader);
  return text === undefined ? (defaultPartitionId ?? null) : Number(text);
}

function partitionFault(
  headers: ReadonlyMap<string, string>,
  { partitionIdHeader }: RouteOptions,
): string | null {
  const text = partitionIdHeader === undefined ? undefined : headers.get(partitionIdHeader);
  if (text === undefined) return null;
  const partition = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(partition) || Math.abs(partition) > 0x7fffffff)
    return `Non integer partition id specified: "${text}" in header ${partitionIdHeader}`;
  return partition < 0 ? `Could not send event: Invalid partition: ${partition}.` : null;
}

function timestampOf(headers: ReadonlyMap<string, string>, options: RouteOptions): number | null {
  const text = options.timestampHeader === undefined ? undefined : headers.get(options.timestampHeader);
  if (text === undefined) return null;
  const value = /^[+-]?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= 0) return value;
  options.onBadTimestamp(text);
  return null;
}
