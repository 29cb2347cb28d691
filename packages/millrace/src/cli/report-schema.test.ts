/** What `--json` prints fits the published schemas, and the schemas say all that is printed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../../../testkit/src/files/temp-dir.ts';
import { soundAgent } from '../../../testkit/src/flume/finding-cases/finding-case.ts';
import { findingCases } from '../../../testkit/src/flume/finding-cases.ts';
import { testIo } from '../../../testkit/src/process/test-io.ts';
import { findingCodes } from '../config/finding-codes.ts';
import { run as check } from './check.ts';
import { run as explain } from './explain.ts';
import type { Io } from './io.ts';

type Json = { [name: string]: unknown };

const schemaOf = (name: string): Json =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, `../../schema/${name}.json`), 'utf8')) as Json;

/** Without room for what the schema does not say; readers get one that has it. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([name, value]) => [name, closed(value)]);
  const result = Object.fromEntries(entries) as Json;
  return result.type === 'object' ? { ...result, additionalProperties: false } : result;
}

const ajv = new Ajv2020({ allErrors: true });
/** What a reader has to say of it, and what the schema leaves out. */
function faultsOf(name: string, value: unknown): unknown[] {
  const faults: unknown[] = [];
  for (const schema of [schemaOf(name), { ...(closed(schemaOf(name)) as Json), $id: `urn:closed:${name}` }]) {
    const validate = ajv.getSchema(String(schema.$id)) ?? ajv.compile(schema);
    if (!validate(value)) faults.push(...(validate.errors ?? []));
  }
  return faults;
}

async function jsonOf(run: (argv: readonly string[], io: Io) => Promise<number>, argv: readonly string[]) {
  const { io, stdout } = testIo();
  await run([...argv, '--json'], io);
  return JSON.parse(stdout()) as Json;
}

describe('the schema', () => {
  it('of check says what every finding looks like', async () => {
    using dir = tempDir();
    const file = dir.join('flume.conf');
    const seen = new Set<string>();
    for (const { lines, before = soundAgent } of findingCases) {
      writeFileSync(file, before + lines.replace('@', ''));
      const report = await jsonOf(check, [file]);
      expect(faultsOf('check', report), lines).toEqual([]);
      for (const finding of report.diagnostics as Json[])
        for (const name of Object.keys(finding)) seen.add(name);
    }
    // Each of its properties was there: none is described and never printed.
    const { properties } = (
      (schemaOf('check').properties as Json).diagnostics as { items: { properties: Json } }
    ).items;
    expect([...seen].sort()).toEqual(Object.keys(properties).sort());
  });

  it('of check holds for a file that can’t be read, and for an agent that is not there', async () => {
    expect(faultsOf('check', await jsonOf(check, ['/no/such.conf', '-n', 'a9']))).toEqual([]);
  });

  it('of check names every code', () => {
    const { code } = (
      (schemaOf('check').properties as Json).diagnostics as { items: { properties: { code: Json } } }
    ).items.properties;
    expect(code.examples).toEqual(Object.keys(findingCodes).sort());
  });

  it.each([
    'kafka.bootstrap.servers',
    'brokerList',
    'requiredAcks',
    'exec.batchTimeout',
    'spooldir.consumeOrder',
    'a1.sources',
    'syslogtcp.keystore',
    'memory.byteCapacityBufferPercentage',
  ])('of check --explain: %s', async (key) => {
    expect(faultsOf('check-explain', await jsonOf(check, ['--explain', key]))).toEqual([]);
  });

  it('of explain says what it prints', async () => {
    using dir = tempDir();
    const file = dir.join('flume.conf');
    for (const { lines, before = soundAgent } of findingCases) {
      writeFileSync(file, before + lines.replace('@', ''));
      expect(faultsOf('explain', await jsonOf(explain, [file])), lines).toEqual([]);
    }
  });

  it('refuses what is not as it says', async () => {
    using dir = tempDir();
    const file = dir.join('flume.conf');
    writeFileSync(file, `${soundAgent}a1.sources.r1.x = 1\n`);
    const report = await jsonOf(check, [file]);
    const [finding] = report.diagnostics as [Json];
    for (const wrong of [
      { ...finding, line: '9' },
      { ...finding, severity: 'fatal' },
      { ...finding, message: undefined },
    ]) {
      const validate = ajv.getSchema('urn:millrace:check')!;
      expect(validate(JSON.parse(JSON.stringify({ ...report, diagnostics: [wrong] })))).toBe(false);
    }
    // A later version may say more.
    expect(
      ajv.getSchema('urn:millrace:check')!({ ...report, more: 1, diagnostics: [{ ...finding, more: 1 }] }),
    ).toBe(true);
  });
});
