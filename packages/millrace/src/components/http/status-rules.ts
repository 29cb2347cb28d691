/** What a status means for an event, as Flume's HttpSink has it set: by the code, else by its class, else by default. */
export interface StatusRules {
  /** The event goes back to its channel and is sent again. */
  rollback(status: number): boolean;
  /** A pause comes before the next request. */
  backoff(status: number): boolean;
  /** The event counts as drained. */
  incrementMetrics(status: number): boolean;
}

/** One of the three: what is configured for codes (`503`) and classes (`5XX`), and for all others. */
export interface StatusRule {
  readonly byCode: ReadonlyMap<string, string>;
  readonly otherwise: boolean;
}

/** The keys that are looked up for a status, the most exact first. */
function keysOf(status: number): readonly string[] {
  const code = String(status);
  return [code, `${code[0]}XX`];
}

/** Whether a key is ever looked up. */
export function isStatusKey(key: string): boolean {
  return /^[1-9](\d\d|XX)$/.test(key);
}

export function appliesTo({ byCode, otherwise }: StatusRule, status: number): boolean {
  for (const key of keysOf(status)) {
    const value = byCode.get(key);
    if (value !== undefined) return value.trim().toLowerCase() === 'true';
  }
  return otherwise;
}

export function statusRules(rules: Readonly<Record<keyof StatusRules, StatusRule>>): StatusRules {
  return {
    rollback: (status) => appliesTo(rules.rollback, status),
    backoff: (status) => appliesTo(rules.backoff, status),
    incrementMetrics: (status) => appliesTo(rules.incrementMetrics, status),
  };
}
