/** Puts the generated modules together: one per API or lone message, the registry of all APIs, the error table. */
import type { Message, Struct } from './protocol-definitions.ts';
import { emitDecode, emitEncode, type Versioned } from './protocol-emit-codecs.ts';
import {
  type Context,
  differs,
  emitDefault,
  emitInterfaces,
  emitIsDefault,
  grammar,
  type Shape,
  shapeOf,
} from './protocol-emit-types.ts';

export interface Api {
  /** E.g. `Fetch`. */
  name: string;
  apiKey: number;
  request: Message;
  response: Message;
}

export interface KafkaError {
  name: string;
  code: number;
  retriable: boolean;
}

/** Names that the imports of a generated module take, and globals that it uses. */
const takenNames = ['Reader', 'Writer', 'RecordsInput', 'Buffer', 'Object', 'Error', 'Number', 'Api'];

export function header(kafkaVersion: string): string {
  return `// Generated from the message definitions of Apache Kafka ${kafkaVersion} (Apache-2.0). Do not edit; make it again with \`npm run generate\`.\n`;
}

export function kebab(name: string): string {
  return name.replace(/[a-z0-9](?=[A-Z])/g, '$&-').toLowerCase();
}

export function camel(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}

/** A struct's name in the code: its own, unless another message of the module uses the same for something else. */
function namesFor(message: Message, others: readonly Message[]): ReadonlyMap<string, string> {
  const taken = new Set([
    ...takenNames,
    message.name,
    ...others.flatMap((m) => [m.name, ...m.structs.map((s) => s.name)]),
  ]);
  return new Map(
    message.structs.map((s: Struct) => [s.name, taken.has(s.name) ? `${message.name}${s.name}` : s.name]),
  );
}

function rangeText(message: Message): string {
  const { min, max } = message.versions;
  return min === max ? `version ${min}` : `versions ${min}-${max}`;
}

function emitMessage(message: Message, others: readonly Message[]): string {
  const context: Context = { message, names: namesFor(message, others) };
  const versioned: Versioned = new Set();
  const top: Shape = { name: message.name, versions: message.versions, fields: message.fields };
  const shapes = message.structs.map((struct) => shapeOf(context, struct));
  const flexible = message.flexibleFrom === null ? 'never flexible' : `flexible from ${message.flexibleFrom}`;
  const key = message.apiKey === null ? '' : `API key ${message.apiKey}, `;

  const types =
    emitInterfaces(context, top, `${message.name}: ${key}${rangeText(message)}.`) +
    [...shapes]
      .reverse()
      .map((shape) => emitInterfaces(context, shape, `Part of ${message.name}.`))
      .join('');
  const doc = [
    `/**\n * ${message.name}: ${key}${rangeText(message)}, ${flexible}.\n *`,
    ...grammar(context, top).map((line) => ` * ${line}`),
    ' *\n * @throws MillraceError PROTOCOL when the bytes do not fit, or the version is none of these\n */\n',
  ]
    .join('\n')
    .replace(/\n\n$/, '\n');
  const decoders = shapes.map((shape) => emitDecode(context, shape, versioned, false)).join('');
  const encoders = shapes.map((shape) => emitEncode(context, shape, versioned, false)).join('');
  const encodeDoc =
    '/** The inverse; throws PROTOCOL for a value that this version cannot carry. Grammar: see above. */\n';
  const code = `${decoders}${doc}${emitDecode(context, top, versioned, true)}${encoders}${encodeDoc}${emitEncode(context, top, versioned, true)}`;

  return types + helpers(context, shapes, code) + code;
}

/** The defaults and comparisons that the code refers to, children first. */
function helpers(context: Context, shapes: readonly Shape[], code: string): string {
  let text = '';
  for (const shape of [...shapes].reverse()) {
    const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code + text);
    if (uses(`isDefault${shape.name}`)) text = emitIsDefault(context, shape) + text;
    if (uses(`default${shape.name}`)) text = emitDefault(context, shape) + text;
  }
  return text;
}

const support = ['checkVersion', 'emptyArray', 'emptyBytes', 'MAX_INT64', 'nullField', 'unsupportedField'];

/** One generated file that holds the given messages, and the API that they are, if they are one. */
export function emitModule(messages: readonly Message[], kafkaVersion: string, api?: Api): string {
  const codecs = messages
    .map((message) =>
      emitMessage(
        message,
        messages.filter((m) => m !== message),
      ),
    )
    .join('');
  const body = `${codecs.trimEnd()}\n${api === undefined ? '' : `\n${emitApi(api)}`}`;
  const used = support.filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const imports = [
    ...(api === undefined ? [] : ["import { defineApi } from '../api.ts';"]),
    `import { ${used.join(', ')} } from '../codec-support.ts';`,
    "import type { Reader } from '../reader.ts';",
    ...(/\bZERO_UUID\b/.test(body) ? ["import { ZERO_UUID } from '../uuid.ts';"] : []),
    `import type { ${/\bRecordsInput\b/.test(body) ? 'RecordsInput, ' : ''}Writer } from '../writer.ts';`,
  ];
  return `${header(kafkaVersion)}${imports.join('\n')}\n\n${body}`;
}

function initName(message: Message): string {
  const context: Context = { message, names: namesFor(message, []) };
  const top: Shape = { name: message.name, versions: message.versions, fields: message.fields };
  return differs(context, top) ? `${message.name}Init` : message.name;
}

/** What the registry knows of an API stands in the API's own file: whoever needs one API loads no other. */
function emitApi({ name, apiKey, request, response }: Api): string {
  const types = [request.name, initName(request), response.name, initName(response)].join(', ');
  return `/** ${name} as a whole. */
export const ${camel(name)}Messages = defineApi<${types}>({
  apiKey: ${apiKey},
  name: '${name}',
  validVersions: { min: ${request.versions.min}, max: ${request.stableMax} },
  flexibleFrom: ${request.flexibleFrom ?? 'null'},
  decodeRequest: decode${request.name},
  encodeRequest: encode${request.name},
  decodeResponse: decode${response.name},
  encodeResponse: encode${response.name},
});
`;
}

/** `registry.ts`: every API by name. */
export function emitRegistry(apis: readonly Api[], kafkaVersion: string): string {
  const imports = apis.map(({ name }) => `import { ${camel(name)}Messages } from './${kebab(name)}.ts';`);
  const entries = apis.map(({ name }) => `  ${camel(name)}: ${camel(name)}Messages,`);
  return `${header(kafkaVersion)}${imports.join('\n')}

/** Every API that a broker of Apache Kafka ${kafkaVersion} serves, by name. */
export const messages = Object.freeze({
${entries.join('\n')}
});
`;
}

/** \`error-codes.ts\`: the error codes of the wire. */
export function emitErrors(errors: readonly KafkaError[], kafkaVersion: string): string {
  const rows = [...errors]
    .sort((a, b) => a.code - b.code)
    .map((e) => `  ${e.name}: { code: ${e.code}, retriable: ${e.retriable} },`);
  return `${header(kafkaVersion)}
/** Kafka's error codes; \`retriable\` is whether Kafka's clients try again (a subclass of its RetriableException). */
export const kafkaErrors = {
${rows.join('\n')}
} as const satisfies Record<string, { code: number; retriable: boolean }>;
`;
}
