import type { OptionFinding } from '../../config/options.ts';
import { type Charset, findCharset } from '../../java/charsets.ts';
import { javaRegex } from '../../java/regex.ts';
import { javaSplit } from '../../java/split.ts';
import type { EventView } from '../../records/event-batch.ts';
import type { Cell } from './cell-set.ts';
import type { HbaseValues } from './options.ts';
import type { MadeRow } from './simple-rows.ts';

const keyName = 'ROW_KEY';
const columnsOf = (colNames: string): string[] => javaSplit(colNames, /,/g);

export function regexColumnFaults(values: HbaseValues): OptionFinding[] {
  const columns = columnsOf(values['serializer.colNames']);
  const at = values['serializer.rowKeyIndex'];
  if (at < 0) return [];
  const key = 'serializer.rowKeyIndex';
  if (at >= columns.length)
    return [
      { key, message: `${key} must be less than num columns ${columns.length}`, code: 'bad-value' as const },
    ];
  if (columns[at]!.toUpperCase() === keyName) return [];
  return [
    {
      key,
      message: `${key}: Column at ${at} must be ${keyName} and is ${columns[at]}`,
      suggestion: `call it ${keyName} in serializer.colNames`,
      code: 'bad-value' as const,
    },
  ];
}

/** Every event would be set aside. */
export function regexColumnNotes(values: HbaseValues): OptionFinding[] {
  const groups = new RegExp(`${javaRegex(values['serializer.regex']).source}|`, 'u').exec('')!.length - 1;
  const columns = columnsOf(values['serializer.colNames']).length;
  const key = 'serializer.colNames';
  if (groups === columns && columns === 1 && values['serializer.rowKeyIndex'] === 0)
    return values['serializer.depositHeaders']
      ? []
      : [
          {
            key,
            message: `${key}: a row would have no column but the key: every event is set aside`,
            suggestion: 'name another column, or set serializer.depositHeaders = true',
            code: 'never-arrives' as const,
          },
        ];
  if (groups === columns) return [];
  return [
    {
      key: [key, 'serializer.regex'],
      message: `${key}: there are ${columns} columns, and serializer.regex has ${groups} groups: every event is set aside`,
      suggestion: 'name a column for each group',
      code: 'never-arrives' as const,
    },
  ];
}

/** Flume's RegexHBase2EventSerializer: a column for each group of a pattern that matches the whole body. */
export class RegexRows {
  readonly #pattern: RegExp;
  readonly #charset: Charset;
  readonly #family: string;
  readonly #columns: readonly Buffer[];
  readonly #keyAt: number;
  readonly #withHeaders: boolean;

  constructor(values: HbaseValues) {
    const ignoreCase = values['serializer.regexIgnoreCase'];
    this.#pattern = javaRegex(values['serializer.regex'], {
      fullMatch: true,
      flags: ignoreCase ? 'si' : 's',
    });
    this.#charset = findCharset(values['serializer.charset'])!;
    this.#family = `${values.columnFamily}:`;
    this.#columns = columnsOf(values['serializer.colNames']).map((name) => this.#column(name));
    this.#keyAt = values['serializer.rowKeyIndex'];
    this.#withHeaders = values['serializer.depositHeaders'];
  }

  /** A text: why there is no row of it. */
  row(event: EventView): MadeRow | string {
    const text = this.#charset.decoder({ replace: true }).decode(event.body).text;
    const groups = this.#pattern.exec(text);
    if (groups === null) return 'the body does not match serializer.regex';
    const count = this.#columns.length;
    if (groups.length - 1 !== count)
      return `serializer.regex has ${groups.length - 1} groups, and serializer.colNames ${count} columns`;
    let key: Buffer | null = null;
    const cells: Cell[] = [];
    for (let i = 0; i < count; i++) {
      const group = groups[i + 1];
      if (group === undefined) {
        if (i === this.#keyAt) return 'the group of its row key took no part in the match';
      } else if (i === this.#keyAt) key = Buffer.from(group);
      else cells.push({ column: this.#columns[i]!, value: Buffer.from(group) });
    }
    if (this.#withHeaders)
      for (const [name, value] of event.headers())
        cells.push({ column: this.#column(name), value: this.encode(value) });
    return cells.length === 0 ? 'its row would have no column' : { key, cells };
  }

  /** Text in the charset of the serializer. */
  encode(text: string): Buffer {
    return this.#charset.encoder()(text);
  }

  #column(name: string): Buffer {
    return Buffer.concat([Buffer.from(this.#family), this.encode(name)]);
  }
}
