/**
 * The properties of Flume 1.11's components: name, type, default, unit. From the user guide's tables and from what the
 * classes read; where the two differ, the class counts. `test/oracle/flume-property-lists.test.ts` holds the list to
 * the classes themselves.
 */

/** How Flume's class takes a value: by which call of its `Context`. */
export type FlumeType = 'text' | 'int' | 'long' | 'boolean' | 'below';

export interface FlumeProperty {
  /** `NAME.*`: whatever stands below. */
  readonly name: string;
  readonly type: FlumeType;
  /** As Flume would print it; undefined: none. */
  readonly default?: string;
  readonly required: boolean;
  readonly unit?: 'ms' | 's' | 'bytes' | 'events' | 'percent';
  /** In Java's spelling; in any letter case where Flume takes that. */
  readonly values?: readonly string[];
  /** The guide or a public configuration has it, and Flume 1.11 does not read it. */
  readonly unread: boolean;
  /** A former name of that property, which Flume 1.11 still takes. */
  readonly oldNameOf?: string;
}

export interface FlumeComponent {
  readonly kind: string;
  /** As a configuration names it. */
  readonly type: string;
  /** The classes that read the properties; the first is the component's own. */
  readonly classes: readonly string[];
  readonly properties: readonly FlumeProperty[];
}

/**
 * A row: name, type, default (`-`: none, `""`: the empty text), and marks: `required`, a unit, `a|b` for a closed set,
 * `unread`, `=NAME` for a former name of NAME.
 */
export function component(kind: string, type: string, classes: string, rows: string): FlumeComponent {
  const properties = rows
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([name]) => name !== '')
    .map(([name, javaType, fallback, ...marks]): FlumeProperty => {
      const unit = marks.find((mark) => /^(?:ms|s|bytes|events|percent)$/.test(mark));
      const values = marks.find((mark) => mark.includes('|'));
      const former = marks.find((mark) => mark.startsWith('='));
      return {
        name: name!,
        type: javaType as FlumeType,
        required: marks.includes('required'),
        unread: marks.includes('unread'),
        ...(fallback === '-' ? {} : { default: fallback === '""' ? '' : fallback! }),
        ...(unit === undefined ? {} : { unit: unit as NonNullable<FlumeProperty['unit']> }),
        ...(values === undefined ? {} : { values: values.split('|') }),
        ...(former === undefined ? {} : { oldNameOf: former.slice(1) }),
      };
    });
  return {
    kind,
    type,
    classes: classes.split(' ').map((name) => (name.startsWith('.') ? `org.apache.flume${name}` : name)),
    properties,
  };
}
