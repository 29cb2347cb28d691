import type { SyslogMessage } from '../../formats/syslog/message.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { EventBatch, Headers } from '../../records/event-batch.ts';
import { encodeHeader, encodeHeaderName, HeaderBlock } from '../../records/header-block.ts';
import type { KeptFields } from './keep-fields.ts';

/** How a source of the family names what it found. */
export interface HeaderNames {
  readonly priority: string;
  readonly version: string;
  /** Whether a host of no characters is a header, too. */
  readonly emptyHost: boolean;
}
export const statusHeader = 'flume.syslog.status';

const highestPriority = 999;
const dash = Buffer.from('-');

/** Reads one message; both of Flume's parsers do. */
export interface SyslogParser {
  parse(bytes: Buffer, from: number, to: number, message: SyslogMessage): void;
}

/**
 * Makes events of messages that were read: headers and body as bytes, no object for an event. One serves all connections
 * of a source, which build their batches one at a time.
 */
export class SyslogEventWriter {
  readonly #kept: KeptFields;
  readonly #emptyHost: boolean;
  readonly #given: { readonly [K in 'priority' | 'version' | 'timestamp' | 'host']: boolean };
  readonly #builder = new BatchBuilder();
  readonly #headers = new HeaderBlock();
  /** Facility and severity by priority, made when they first come. */
  readonly #levels: (readonly [Buffer, Buffer] | undefined)[] = [];
  readonly #priority: Buffer;
  readonly #version: Buffer;
  readonly #timestamp = encodeHeaderName('timestamp');
  readonly #host = encodeHeaderName('host');
  readonly #invalid = encodeHeader(statusHeader, 'Invalid');
  readonly #incomplete = encodeHeader(statusHeader, 'Incomplete');
  #body = Buffer.allocUnsafeSlow(1024);
  #bodyBytes = 0;

  /** `given`: names of headers that all events of a peer get, which go before what a message says. */
  constructor(names: HeaderNames, kept: KeptFields, given: ReadonlySet<string>) {
    this.#kept = kept;
    this.#emptyHost = names.emptyHost;
    this.#given = {
      priority: given.has(names.priority),
      version: given.has(names.version),
      timestamp: given.has('timestamp'),
      host: given.has('host'),
    };
    this.#priority = encodeHeaderName(names.priority);
    this.#version = encodeHeaderName(names.version);
  }

  /** Events so far. */
  get count(): number {
    return this.#builder.count;
  }

  build(sharedHeaders: Headers): EventBatch {
    return this.#builder.build(sharedHeaders);
  }

  /**
   * An event of `bytes[from, to)`, read into `message`. `isCut`: its rest is another event. `ofPeer`: of those that were
   * `given`, encoded, where they are not the same for a whole batch.
   */
  add(
    bytes: Buffer,
    from: number,
    to: number,
    message: SyslogMessage,
    isCut: boolean,
    ofPeer?: readonly Buffer[],
  ): void {
    const headers = this.#headers;
    headers.clear();
    if (ofPeer !== undefined) for (const header of ofPeer) headers.add(header);
    this.#addLevels(message.priority);
    if (message.understood) this.#addFields(bytes, message);
    if (message.priority < 0) headers.add(this.#invalid);
    else if (isCut) headers.add(this.#incomplete);
    this.#addBody(bytes, from, to, message);
  }

  #addFields(bytes: Buffer, message: SyslogMessage): void {
    const [headers, given] = [this.#headers, this.#given];
    const { versionFrom, versionTo, timestampMs, hostFrom, hostTo, host } = message;
    if (!given.priority) headers.addBytes(this.#priority, bytes, message.priorityFrom, message.priorityTo);
    if (!given.version && versionTo > versionFrom)
      headers.addBytes(this.#version, bytes, versionFrom, versionTo);
    if (!given.timestamp && !Number.isNaN(timestampMs)) headers.addInteger(this.#timestamp, timestampMs);
    if (!given.host && host !== null) headers.addBytes(this.#host, host, 0, host.length);
    else if (!given.host && (this.#emptyHost || hostTo > hostFrom))
      headers.addBytes(this.#host, bytes, hostFrom, hostTo);
  }

  /** One of which nothing is known. */
  addInvalid(bytes: Buffer, from: number, to: number): void {
    const headers = this.#headers;
    headers.clear();
    headers.add(this.#invalid);
    this.#builder.addWithBlock(bytes, from, to, headers);
  }

  #addLevels(priority: number): void {
    const value = Math.max(0, priority);
    const known = value <= highestPriority ? this.#levels[value] : undefined;
    const levels = known ?? [
      encodeHeader('Facility', String(Math.floor(value / 8))),
      encodeHeader('Severity', String(value % 8)),
    ];
    if (value <= highestPriority) this.#levels[value] = levels;
    this.#headers.add(levels[0]);
    this.#headers.add(levels[1]);
  }

  #addBody(bytes: Buffer, from: number, to: number, message: SyslogMessage): void {
    const { all, priority, version, timestamp, hostname } = this.#kept;
    const { understood, bodyFrom, bodyTo } = message;
    // An empty body is the whole message, as in Flume.
    if (!understood || all || bodyFrom >= bodyTo) {
      this.#builder.addWithBlock(bytes, from, to, this.#headers);
      return;
    }
    if (!(priority || version || timestamp || hostname)) {
      this.#builder.addWithBlock(bytes, bodyFrom, bodyTo, this.#headers);
      return;
    }
    this.#bodyBytes = 0;
    // The priority with its brackets.
    if (priority) this.#put(bytes, message.priorityFrom - 1, message.priorityTo + 1);
    if (version && message.versionTo > message.versionFrom)
      this.#putField(bytes, message.versionFrom, message.versionTo);
    if (timestamp) this.#putField(bytes, message.stampFrom, message.stampTo);
    if (hostname) this.#putField(bytes, message.hostFrom, message.hostTo);
    this.#put(bytes, bodyFrom, bodyTo);
    this.#builder.addWithBlock(this.#body, 0, this.#bodyBytes, this.#headers);
  }

  /** A part and a blank; one that is not there is a dash, as it was written. */
  #putField(bytes: Buffer, from: number, to: number): void {
    if (to > from) this.#put(bytes, from, to);
    else this.#put(dash, 0, 1);
    this.#put(blank, 0, 1);
  }

  #put(bytes: Buffer, from: number, to: number): void {
    const needed = this.#bodyBytes + to - from;
    if (needed > this.#body.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#body.copy(larger, 0, 0, this.#bodyBytes);
      this.#body = larger;
    }
    this.#bodyBytes += bytes.copy(this.#body, this.#bodyBytes, from, to);
  }
}

const blank = Buffer.from(' ');
