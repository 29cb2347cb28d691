import { EventKey } from '../../component/event-key.ts';
import { unescapeJson } from '../../formats/json/json-fields.ts';
import { JsonTape, tapeFrom, tapeKind, tapeNext, tapeStep, tapeTo } from '../../formats/json/json-tape.ts';
import type { EventBatch, EventView } from '../../records/event-batch.ts';
import type { RedisValues } from './options.ts';
import type { RedisCommand } from './server.ts';

/** An event as the command that adds it. */
export interface Entry {
  readonly stream: string;
  /** Null: the server names it. */
  readonly id: string | null;
  readonly command: RedisCommand;
}

/** Makes entries of events, as the options say. */
export class EntryMaker {
  readonly #options: RedisValues;
  readonly #key = new EventKey();
  readonly #tape = new JsonTape();
  /** What stands between the key and the name of an entry. */
  readonly #limit: readonly string[];
  /** With `ids = offset` there was an event that came from no topic. */
  hasNameless = false;

  constructor(options: RedisValues) {
    this.#options = options;
    const { maxLength, maxLengthExact } = options;
    this.#limit = maxLength === 0 ? [] : ['MAXLEN', maxLengthExact ? '=' : '~', String(maxLength)];
  }

  /** The entry of event `i`; a text: why there is none, for good. */
  entry(batch: EventBatch, i: number): Entry | string {
    const event = batch.event(i);
    const { stream: name, ids, format, headers, headerPrefix } = this.#options;
    let stream = name;
    let id: string | null = null;
    if (ids === 'offset') {
      if (this.#key.readOffset(batch, event, i)) {
        const { stream: topic, part, position } = this.#key;
        stream = `${name}:${topic}:${part}`;
        // Redis takes no 0-0.
        id = `${position.replace(/^0+(?=\d)/, '')}-1`;
      } else this.hasNameless = true;
    }
    const command: (string | Buffer)[] = ['XADD', stream, ...this.#limit, id ?? '*'];
    const before = command.length;
    const fault = format === 'json' ? this.#addMembers(command, event) : this.#addBody(command, event);
    if (fault !== null) return fault;
    if (headers) for (const [header, value] of event.headers()) command.push(headerPrefix + header, value);
    return command.length === before ? 'the body is an object without fields' : { stream, id, command };
  }

  #addBody(command: (string | Buffer)[], event: EventView): null {
    command.push('body', event.body);
    return null;
  }

  /** Null: they are there; else what the body is. */
  #addMembers(command: (string | Buffer)[], event: EventView): string | null {
    const tape = this.#tape;
    const { body } = event;
    const fault = tape.read(body, 0, body.length);
    if (fault !== null) return `the body: ${fault}`;
    const { nodes } = tape;
    if (nodes[0] !== tapeKind.object) return 'the body is no JSON object';
    const end = nodes[tapeNext]!;
    for (let name = tapeStep; name < end; ) {
      const value = nodes[name + tapeNext]!;
      if (nodes[value] !== tapeKind.null) command.push(this.#text(name), this.#text(value));
      name = nodes[value + tapeNext]!;
    }
    return null;
  }

  #text(node: number): Buffer {
    const { nodes, bytes } = this.#tape;
    const from = nodes[node + tapeFrom]!;
    const to = nodes[node + tapeTo]!;
    const kind = nodes[node];
    if (kind === tapeKind.text) return bytes.subarray(from + 1, to - 1);
    if (kind !== tapeKind.escaped) return bytes.subarray(from, to);
    const text = Buffer.allocUnsafe(to - from);
    return text.subarray(0, unescapeJson(bytes, from, to, text));
  }
}
