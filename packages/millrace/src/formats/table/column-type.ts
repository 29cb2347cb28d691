/** What a column of a table of JSON values holds, whatever file the table is in. */
export type ColumnType =
  | { readonly kind: 'boolean' | 'int32' | 'int64' | 'float' | 'double' | 'string' | 'date' }
  /** Any value, as the JSON text it was. */
  | { readonly kind: 'json' }
  /** UTC. `isText`: numbers are none, as nobody has said what they count. */
  | { readonly kind: 'timestamp'; readonly unit: 'ms' | 'us'; readonly isText?: true }
  | {
      readonly kind: 'decimal';
      readonly precision: number;
      readonly scale: number /** In Avro, of a fixed. */;
      readonly fixedBytes?: number;
    }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'struct'; readonly fields: readonly Column[] }
  | { readonly kind: 'list'; readonly element: Column }
  /** Of strings to values. */
  | { readonly kind: 'map'; readonly value: Column };

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  readonly isNullable: boolean;
  /** In Avro null is the second of its union's branches. */
  readonly isNullSecond?: boolean;
}

/** No table has more columns, those within columns included. */
export const mostColumns = 1000;
/** Values nested deeper are kept as JSON text. */
export const mostColumnDepth = 16;
