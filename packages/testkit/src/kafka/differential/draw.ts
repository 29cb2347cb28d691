/** Requests drawn by a seed, of any API and version, with values that brokers tell apart. */
import { type Field, isStruct, type Message } from '../../../../../scripts/lib/protocol-definitions.ts';
import { Chance } from '../../../../millrace/src/component/testing/chance.ts';
import type { ApiName } from '../../../../millrace/src/protocol/messages.ts';
import { defaultOf, has, loadSchemas, type MessageValue, type Value } from '../protocol-messages.ts';
import { byType, configPools, type Place, pools, poolsOfAll } from './draw-pools.ts';

const requests = new Map(
  loadSchemas()
    .filter((each) => each.kind === 'request')
    .map((each) => [each.apiKey!, each]),
);

/** What is drawn of a request for a place; the same seed gives the same. */
export class RequestDrawer {
  readonly #api: ApiName;
  readonly #message: Message;
  readonly #chance: Chance;
  readonly #place: Place;

  constructor(api: ApiName, apiKey: number, place: Place, seed: number) {
    this.#api = api;
    this.#message = requests.get(apiKey)!;
    this.#chance = new Chance(seed);
    this.#place = place;
  }

  draw(version: number): MessageValue {
    return this.#struct(this.#message.fields, version, '');
  }

  #struct(fields: readonly Field[], version: number, path: string): MessageValue {
    return Object.fromEntries(
      fields.map((field) => [
        field.name,
        this.#field(field, version, path === '' ? field.name : `${path}.${field.name}`),
      ]),
    );
  }

  #field(field: Field, version: number, path: string): Value {
    if (!has(field.versions, version)) return defaultOf(this.#message, field);
    const chance = this.#chance;
    const whole = field.array || isStruct(field.type) ? pools[`${this.#api} ${path}`] : undefined;
    const isWhole = whole !== undefined && (isStruct(field.type) || path.endsWith('TopicsData'));
    if (isWhole) return this.#orNotNull(whole(this.#place, chance), field, version);
    const canBeNull = has(field.nullable, version);
    if (canBeNull && pools[`${this.#api} ${path}`] === undefined && chance.int(0, 7) === 0) return null;
    if (!field.array) return this.#one(field, version, path);
    // What names the same thing twice is for cases of their own: brokers put such topics together, or don't, each in its way.
    const items = new Map<string, Value>();
    const count = path.includes('.') || isStruct(field.type) ? chance.int(1, 3) : chance.int(0, 3);
    for (let i = 0; i < count; i++) {
      const item = this.#one(field, version, path);
      items.set(nameOf(item), item);
    }
    return [...items.values()];
  }

  #one(field: Field, version: number, path: string): Value {
    if (isStruct(field.type)) {
      const { fields } = this.#message.structs.find((each) => each.name === field.type)!;
      return this.#struct(fields, version, path);
    }
    const pool =
      pools[`${this.#api} ${path}`] ??
      (/(^|\.)configs\.\w+$/.test(path) ? configPools[field.name] : undefined) ??
      poolsOfAll[field.name] ??
      byType[field.type]!;
    return this.#orNotNull(pool(this.#place, this.#chance), field, version);
  }

  /** Only where the version can say it is something null. */
  #orNotNull(value: Value, field: Field, version: number): Value {
    if (value !== null || has(field.nullable, version)) return value;
    return field.array ? [] : field.type === 'string' ? '' : Buffer.alloc(0);
  }
}

/** By what a broker tells elements of an array apart. */
function nameOf(item: Value): string {
  if (item === null || typeof item !== 'object') return String(item);
  const { name, topic, topicId, resourceType, resourceName, memberId, groupId, ...rest } =
    item as MessageValue;
  const { partitionIndex, index, partition } = rest;
  const id = topicId === 'AAAAAAAAAAAAAAAAAAAAAA' ? '' : topicId;
  return [
    name,
    topic,
    id,
    resourceType,
    resourceName,
    memberId,
    groupId,
    partitionIndex,
    index,
    partition,
  ].join('\u0000');
}
