import type { OptionSpec } from '../../config/options.ts';
import { parseOptions } from '../../config/parse-options.ts';
import type { Property } from '../../config/properties-model.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import { errorText } from '../../runtime/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { BackgroundWork } from '../background.ts';
import type { ComponentContext } from '../define.ts';
import type { ComponentDefinition } from '../kinds.ts';
import type { RefusedBytes, RefusedEventOf, RefusedEvents } from '../refused.ts';
import type { StateBoard } from '../state.ts';

/** A logger that keeps its lines, `level message`. */
export function recordingLogger(lines: string[] = []): Logger & { readonly lines: string[] } {
  const at = (level: string) => (message: string) => {
    lines.push(`${level} ${message}`);
  };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => recordingLogger(lines),
  };
}

/** What was set aside, kept in memory. */
export class RecordedRefusals implements RefusedEvents {
  readonly events: RefusedEventOf[] = [];
  readonly bytes: RefusedBytes[] = [];
  /** While set, nothing can be set aside. */
  failure: Error | null = null;

  async setAside(events: readonly RefusedEventOf[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.events.push(...events);
  }

  async setAsideBytes(records: readonly RefusedBytes[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.bytes.push(...records);
  }

  /** The bodies of the events set aside, as text. */
  bodies(): string[] {
    return this.events.map(({ batch, index }) => batch.event(index).body.toString());
  }
}

/** What a context has that is not the component's own: recorded, and nothing is written anywhere. */
export function testSurroundings() {
  const background = new BackgroundWork();
  const failures: string[] = [];
  background.onFailure = (what, error) => {
    failures.push(`${what}: ${errorText(error)}`);
  };
  const { spawn, state } = background;
  return { refused: new RecordedRefusals(), spawn, state, failures };
}

export interface TestContext extends ComponentContext<OptionSpec> {
  /** What the component says of itself. */
  readonly state: StateBoard;
  readonly refused: RecordedRefusals;
  /** Of background work: `what: message`. */
  readonly failures: readonly string[];
  readonly log: Logger & { readonly lines: string[] };
  readonly diagnostics: Diagnostic[];
}

/**
 * The context that a component gets for the given properties, parsed after its spec as from a file. Throws when they
 * would have the component dropped. `parts`: the components that its options may name.
 */
export function contextFor(
  definition: ComponentDefinition,
  properties: Readonly<Record<string, string | number | boolean>> = {},
  name = 'x1',
  parts: readonly ComponentDefinition[] = [],
): TestContext {
  const place = { file: 'test', line: 0, column: 0 };
  const parsed = parseOptions({
    spec: definition.options,
    properties: new Map(
      Object.entries(properties).map(([key, value]): [string, Property] => [
        key,
        { key, value: String(value), keyPlace: place, valuePlace: place },
      ]),
    ),
    component: `${definition.kind} ${name}`,
    place,
    findPart: (kind, type) => {
      const part = parts.find(
        (each) => each.kind === kind && (each.type === type || each.classNames.includes(type)),
      );
      if (part !== undefined) return { found: true, definition: part };
      return { found: false, code: 'unknown-type', reason: `unknown ${kind} type: ${type}` };
    },
  });
  const faults = [...(parsed.dropReason === undefined ? [] : [parsed.dropReason])];
  if (faults.length === 0)
    faults.push(...(definition.validate?.(parsed.values) ?? []).map(({ message }) => message));
  if (faults.length > 0)
    throw new Error(`${definition.kind} ${name} can't be configured: ${faults.join('; ')}`);
  const diagnostics: Diagnostic[] = [];
  return {
    agent: 'a1',
    name,
    options: parsed.values,
    log: recordingLogger(),
    ...testSurroundings(),
    diagnostics,
    report: (diagnostic) => diagnostics.push(diagnostic),
  };
}
