import { setFlagsFromString } from 'node:v8';

/** A pattern beyond that is refused: what it compiles to grows with it. */
const longestPattern = 1024;
let isEnabled = false;

/**
 * A pattern of a client, to be matched against the whole of a text, as RE2 does in Kafka: in time that grows with the
 * text and not beyond, whatever the pattern. Undefined for one that is not valid, or that can't be matched so (look
 * around, back references, large counts).
 */
export function linearPattern(pattern: string): RegExp | undefined {
  if (pattern.length > longestPattern) return undefined;
  if (!isEnabled) {
    // The engine is in V8 and asked for by a flag; patterns without the letter `l` are matched as ever.
    setFlagsFromString('--enable-experimental-regexp-engine');
    isEnabled = true;
  }
  try {
    // Alone first: closing what it did not open, it might fit into what is put around it.
    void new RegExp(pattern, 'l');
    return new RegExp(`^(?:${pattern})$`, 'l');
  } catch {
    return undefined;
  }
}
