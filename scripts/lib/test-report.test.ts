import { expect, test } from 'vitest';
import { totalsOf, type VitestReport } from './test-report.ts';

const report = (...files: VitestReport['testResults'][number][]): VitestReport => ({
  success: true,
  testResults: files,
});
const file = (status: string, ...tests: string[]) => ({
  name: 'a.test.ts',
  status,
  message: '',
  assertionResults: tests.map((status, i) => ({ status, fullName: `t${i}` })),
});

test('counts passed, failed and skipped tests', () => {
  const totals = totalsOf(report(file('failed', 'passed', 'failed', 'pending'), file('passed', 'passed')), 1);
  expect(totals).toEqual({
    passed: 2,
    failed: 1,
    skipped: ['a.test.ts > t2'],
    failures: ['a.test.ts > t1'],
  });
});

test('a file that could not be loaded is a failure', () => {
  expect(totalsOf(report(file('failed'), file('passed', 'passed')), 1)).toMatchObject({
    passed: 1,
    failed: 1,
  });
});

test('an exit code without a failed test, and a missing report, are failures', () => {
  expect(totalsOf(report(file('passed', 'passed')), 1)).toMatchObject({ passed: 1, failed: 1 });
  expect(totalsOf(null, 137)).toMatchObject({ passed: 0, failed: 1 });
});
