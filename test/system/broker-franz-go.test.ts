/**
 * The tests that franz-go's client brings with it (`pkg/kgo`), against the embedded broker: what it asks of a Kafka, with
 * groups of both protocols, static members, chains of transactions, hooks and regular expressions.
 */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { brokerProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { goProgram } from '../../scripts/lib/go-programs.ts';

/**
 * Share groups (KIP-932) are not there, and a broker with logins is another one's test. The last reads franz-go's own
 * source files, which don't lie beside a program.
 */
const leftOut = 'ShareGroup|SCRAM|TestOptValuesCoversEveryOption';
/** Its own default is 500,000, for which it takes minutes. */
const records = Number(process.env.KGO_TEST_RECORDS ?? 20_000);

interface Verdict {
  readonly code: number;
  /** One line for each test of the suite that failed. */
  readonly failed: readonly string[];
  readonly passed: readonly string[];
}

async function runSuite(bootstrapServers: string): Promise<Verdict> {
  const program = await goProgram('franz-go-tests');
  const args = ['-test.v', '-test.timeout', '550s', '-test.skip', leftOut];
  const env = {
    ...process.env,
    KGO_SEEDS: bootstrapServers,
    KGO_TEST_RF: '1',
    KGO_TEST_RECORDS: String(records),
    KGO_TEST_MAX_TOPIC_PARTS: '6',
  };
  return await new Promise((resolve) => {
    execFile(program, args, { cwd: tmpdir(), env, maxBuffer: 256 * 1024 * 1024 }, (error, stdout) => {
      const lines = stdout.split('\n').map((line) => line.trim());
      resolve({
        code: error === null ? 0 : Number(error.code ?? -1),
        failed: lines.filter((line) => /^--- FAIL|^panic:/.test(line)),
        passed: lines.filter((line) => line.startsWith('--- PASS')).map((line) => line.split(' ')[2]!),
      });
    });
  });
}

test('what the client asks of a Kafka it finds', { timeout: 600_000 }, async () => {
  await using dir = tempDir('millrace-franz-go-');
  const port = await freePort();
  await using broker = brokerProgram(dir.join('data'), port);
  await broker.start();
  await broker.ready();
  const { code, failed, passed } = await runSuite(`127.0.0.1:${port}`);
  expect(failed).toEqual([]);
  expect(code).toBe(0);
  expect(passed).toEqual(
    expect.arrayContaining([
      'TestGroupETL/range',
      'TestGroupETL/cooperative-sticky/static',
      'TestGroupETL/sticky/848/static',
      'TestTxnEtl/cooperative-sticky',
      'TestTxnEtl/sticky/848',
      'TestConsumeRegex',
    ]),
  );
  expect(passed.length).toBeGreaterThan(150);
});
