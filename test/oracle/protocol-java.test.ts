/** Byte for byte against Kafka itself: its own classes write the same random messages, every API in every version. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Reader } from '../../packages/millrace/src/protocol/reader.ts';
import { Writer } from '../../packages/millrace/src/protocol/writer.ts';
import {
  arbitraryMessage,
  codecOf,
  kafkaJson,
  loadSchemas,
  type MessageValue,
  versionsOf,
} from '../../packages/testkit/src/kafka/protocol-messages.ts';
import { fetchClientsJar } from '../../scripts/lib/protocol-jar.ts';
import { classPath, javaProgram } from '../../scripts/lib/test-needs.ts';

const samplesPerVersion = 6;

function javaBytes(lines: readonly string[], path: string): string[] {
  const program = resolve(import.meta.dirname, '../../packages/testkit/src/process/java/MessageBytes.java');
  const printed = execFileSync(javaProgram(), ['-cp', path, program], {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  // An empty message is an empty line.
  return printed.split('\n').slice(0, -1);
}

it('writes the bytes that Kafka writes', async () => {
  const samples = loadSchemas().flatMap((schema) =>
    versionsOf(schema).flatMap((version) =>
      fc
        .sample(arbitraryMessage(schema, version), samplesPerVersion)
        .map((message: MessageValue) => ({ schema, version, message })),
    ),
  );
  expect(samples.length).toBeGreaterThan(1500);
  const lines = samples.map(({ schema, version, message }) => {
    const name = schema.kind === 'data' ? schema.name : `${schema.name}Data`;
    return `${name}\t${version}\t${kafkaJson(schema, message, version)}`;
  });
  const theirs = javaBytes(lines, `${fetchClientsJar()}:${await classPath('kafka')}`);
  expect(theirs).toHaveLength(samples.length);
  for (const [i, { schema, version, message }] of samples.entries()) {
    const codec = codecOf(schema);
    const writer = new Writer();
    codec.encode(writer, message, version);
    expect(writer.toBuffer().toString('hex'), lines[i]).toBe(theirs[i]);
    expect(codec.decode(new Reader(Buffer.from(theirs[i]!, 'hex')), version), lines[i]).toEqual(message);
  }
});
