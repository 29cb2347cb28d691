/**
 * The JSON schemas of `millrace check --json` and `millrace explain --json`. What they have stays as it is; a later
 * version may have more, so a reader has to pass over properties that it does not know.
 */
import { findingCodes } from '../../packages/millrace/src/config/finding-codes.ts';

type Schema = Readonly<Record<string, unknown>>;

const text = (description: string): Schema => ({ type: 'string', description });
const oneOf = (values: readonly string[], description: string): Schema => ({ enum: values, description });
const whole = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
const flag = (description: string): Schema => ({ type: 'boolean', description });
const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description });

/** `optional` names those that may be absent. */
const object = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const schema = (name: string, title: string, of: Schema): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: `urn:millrace:${name}`,
  title,
  ...of,
});

const component = object({
  kind: oneOf(['source', 'channel', 'sink', 'sinkgroup', 'interceptor'], 'What it is.'),
  name: text("Unique within its kind and agent; an interceptor's is SOURCE.INTERCEPTOR."),
  type: text("As it is written, empty where it is not; a sink group's is that of its processor."),
  status: oneOf(['kept', 'dropped'], 'Whether it runs.'),
  reason: text('Why it is dropped; empty where it is kept.'),
});

const diagnostic = object(
  {
    file: text('The file, as it was given.'),
    line: whole('From 1; 0 where the finding has no place in the file.'),
    column: whole('In characters, from 1; 0 where the finding has no place in the line.'),
    severity: oneOf(
      ['error', 'warning', 'info'],
      'error: a component or an agent is out; warning: it runs, and not as the text says; info: worth knowing.',
    ),
    code: {
      type: 'string',
      description: 'What it is; later versions may have more.',
      examples: Object.keys(findingCodes).sort(),
    },
    message: text('A sentence.'),
    suggestion: text('What to do.'),
    drops: text('The component that is dropped for it: AGENT.sinks.NAME.'),
    follows: text('The dropped component from which it follows; it needs no mending of its own.'),
  },
  ['suggestion', 'drops', 'follows'],
);

const check = schema(
  'check',
  'What millrace check --json prints',
  object({
    agents: list(
      object({
        name: text('Its name.'),
        valid: flag('Whether it runs with at least one source or sink.'),
        components: list(
          component,
          'Kept and dropped alike: channels, sources with their interceptors, sinks, sink groups.',
        ),
      }),
      'In the order in which the files first name them.',
    ),
    diagnostics: list(diagnostic, 'All findings, in the order of the files.'),
  }),
);

const help = object(
  {
    key: text('As the component has it.'),
    kind: text('The kind of the component: source, channel, sink, …'),
    component: text("The component's alias, or its class; empty for a property of the agent."),
    does: text('What it does.'),
    type: text('What a value looks like.'),
    required: flag('Whether the component cannot be without it.'),
    oldName: text('What was asked for, where that is an older name.'),
    unit: text('ms, s, bytes, events or percent.'),
    range: text('What a number may be.'),
    values: list({ type: 'string' }, 'What it takes, where that is a closed set.'),
    default: text('What counts where nothing is written.'),
    noEffect: text('Why it has no effect.'),
    oldNames: list({ type: 'string' }, 'Older names that still work.'),
    replacedBy: text('The property of which it is an older form.'),
    elsewhere: text('What else gives the value.'),
    page: text('The page of the component, below docs/.'),
  },
  [
    'oldName',
    'unit',
    'range',
    'values',
    'default',
    'noEffect',
    'oldNames',
    'replacedBy',
    'elsewhere',
    'page',
  ],
);

const key = schema(
  'check-explain',
  'What millrace check --explain KEY --json prints',
  object({ key: text('What was asked for.'), found: list(help, 'Every component that has it.') }),
);

const kinds = ['source', 'interceptor', 'selector', 'channel', 'sink', 'sinkgroup'];
const step = {
  kind: oneOf(kinds, 'What it is.'),
  name: text("Its name; a selector's is its source's."),
  type: text('As it is written.'),
  does: text('What it does, to stand after its name.'),
};
const sink = object(
  {
    ...step,
    delivered: text('When an event counts as delivered, to stand after "once".'),
    guarantee: oneOf(
      ['exactly once', 'at least once', 'at least once, but for a power cut', 'may be lost', 'not known'],
      'What is known of an event from end to end.',
    ),
  },
  ['delivered'],
);
const flow = object(
  {
    source: object(step),
    interceptors: list(object(step), 'In the order in which events pass them.'),
    selector: object(step),
    channels: list(
      object({ ...step, sinks: list(sink, 'Those that take from it.') }),
      'Those that it fills.',
    ),
  },
  ['source', 'selector'],
);
const statement = object(
  {
    where: text('The component, or those, of which it comes.'),
    text: text('A sentence without its full stop.'),
    instead: text('What is better, beginning with a verb.'),
  },
  ['instead'],
);

const explain = schema(
  'explain',
  'What millrace explain --json prints',
  object({
    agents: list(
      object({
        name: text('Its name.'),
        runs: flag('Whether it runs with at least one source or sink.'),
        flows: list(flow, 'From each source, and from each channel that no source fills.'),
        groups: list(object(step), 'Groups of sinks.'),
        losses: list(statement, 'What can be lost.'),
        doubles: list(statement, 'What can come twice.'),
        order: list(statement, 'In which order events come.'),
        limits: list(statement, 'Where it could be faster.'),
      }),
      'In the order in which the files first name them.',
    ),
  }),
);

/** Path → text. */
export function reportSchemas(): Map<string, string> {
  return new Map(
    Object.entries({ check, 'check-explain': key, explain }).map(([name, of]) => [
      `packages/millrace/schema/${name}.json`,
      `${JSON.stringify(of, null, 2)}\n`,
    ]),
  );
}
