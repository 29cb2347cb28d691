import type { OptionSpec } from '../../config/options.ts';
import { parseOptions } from '../../config/parse-options.ts';
import type { Property } from '../../config/properties-model.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { ComponentContext, ComponentDefinition } from '../define.ts';

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

export interface TestContext extends ComponentContext<OptionSpec> {
  readonly log: Logger & { readonly lines: string[] };
  readonly diagnostics: Diagnostic[];
}

/**
 * The context that a component gets for the given properties, parsed after its spec as from a file. Throws when they
 * would have the component dropped.
 */
export function contextFor(
  definition: ComponentDefinition,
  properties: Readonly<Record<string, string | number | boolean>> = {},
  name = 'x1',
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
    diagnostics,
    report: (diagnostic) => diagnostics.push(diagnostic),
  };
}
