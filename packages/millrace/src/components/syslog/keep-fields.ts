/** Which parts of a message stay in its body, before what follows them. */
export interface KeptFields {
  /** The whole message as it came. */
  readonly all: boolean;
  readonly priority: boolean;
  readonly version: boolean;
  readonly timestamp: boolean;
  readonly hostname: boolean;
}

/** Flume's `keepFields`: `none` or `false`, `all` or `true`, or names anywhere in the text. */
export function keptFields(text: string): KeptFields {
  const value = text.trim().toLowerCase();
  const none = value === 'none' || value === 'false';
  const all = value === 'all' || value === 'true';
  const has = (name: string): boolean => !none && !all && value.includes(name);
  return {
    all,
    priority: has('priority'),
    version: has('version'),
    timestamp: has('timestamp'),
    hostname: has('hostname'),
  };
}
