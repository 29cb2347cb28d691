/**
 * Generates the Kafka codecs, the registry of APIs and the table of error codes from the kafka-clients jar, and the
 * schemas that the tests build their random messages from.
 *
 *     npm run generate            write them
 *     npm run generate -- --check say which files are stale; exit 1 when there is one
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Message, parseMessage } from './lib/protocol-definitions.ts';
import { type Api, emitErrors, emitModule, emitRegistry, kebab } from './lib/protocol-emit-module.ts';
import { kafkaVersion, readDefinitions, readErrors } from './lib/protocol-jar.ts';

const root = resolve(import.meta.dirname, '..');
const generatedFolder = 'packages/millrace/src/protocol/generated';
const schemaFile = 'test/fixtures/protocol/schemas.json';

/** Messages that belong to no API but are on the wire or inside another message's bytes. */
const loneMessages = [
  'RequestHeader',
  'ResponseHeader',
  'ConsumerProtocolSubscription',
  'ConsumerProtocolAssignment',
  'EndTxnMarker',
  'ControlRecordTypeSchema',
];

/** The APIs that a broker advertises, by key. */
export function brokerApis(all: ReadonlyMap<string, Message>): Api[] {
  const apis: Api[] = [];
  for (const request of all.values()) {
    if (request.kind !== 'request' || !request.onBroker) continue;
    const name = request.name.replace(/Request$/, '');
    const response = all.get(`${name}Response`);
    if (response === undefined) throw new Error(`${request.name} has no response`);
    apis.push({ name, apiKey: request.apiKey!, request, response });
  }
  return apis.sort((a, b) => a.apiKey - b.apiKey);
}

/** Every generated file: path within the repository → content. */
export function generateProtocol(): Map<string, string> {
  const all = new Map<string, Message>();
  for (const text of readDefinitions().values()) {
    const message = parseMessage(text);
    if (message !== null) all.set(message.name, message);
  }
  const apis = brokerApis(all);
  const lone = loneMessages.map((name) => all.get(name)!);
  const files = new Map<string, string>();
  for (const api of apis) {
    files.set(
      `${generatedFolder}/${kebab(api.name)}.ts`,
      emitModule([api.request, api.response], kafkaVersion, api),
    );
  }
  for (const message of lone)
    files.set(`${generatedFolder}/${kebab(message.name)}.ts`, emitModule([message], kafkaVersion));
  files.set(`${generatedFolder}/registry.ts`, emitRegistry(apis, kafkaVersion));
  files.set(`${generatedFolder}/error-codes.ts`, emitErrors(readErrors(), kafkaVersion));
  const schemas = [...apis.flatMap((api) => [api.request, api.response]), ...lone];
  files.set(schemaFile, `[\n${schemas.map((schema) => JSON.stringify(schema)).join(',\n')}\n]\n`);
  return files;
}

/** Paths whose content on disk is not what would be generated, and generated files that nothing generates any more. */
export function staleFiles(files: ReadonlyMap<string, string>): string[] {
  const stale = [...files].flatMap(([path, content]) => {
    const onDisk = join(root, path);
    return existsSync(onDisk) && readFileSync(onDisk, 'utf8') === content ? [] : [path];
  });
  const folder = join(root, generatedFolder);
  const present = existsSync(folder) ? readdirSync(folder).map((name) => `${generatedFolder}/${name}`) : [];
  return [...stale, ...present.filter((path) => !files.has(path))];
}

function main(): void {
  const files = generateProtocol();
  const stale = staleFiles(files);
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is stale; run npm run generate`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  for (const path of stale) {
    const onDisk = join(root, path);
    const content = files.get(path);
    if (content === undefined) {
      rmSync(onDisk);
      continue;
    }
    mkdirSync(dirname(onDisk), { recursive: true });
    writeFileSync(onDisk, content);
  }
  console.log(`${files.size} files, ${stale.length} written or removed`);
}

if (import.meta.main) main();
