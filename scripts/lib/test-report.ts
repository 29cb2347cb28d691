/** Adds up what vitest's JSON reporter wrote. Pure, so that the counting itself is tested. */

/** The part of vitest's JSON report that is read. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
    }[];
  }[];
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  /** Names of tests that did not run. */
  readonly skipped: readonly string[];
  /** Names of what failed. */
  readonly failures: readonly string[];
}

export const noTotals: Totals = { passed: 0, failed: 0, skipped: [], failures: [] };

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: [...a.skipped, ...b.skipped],
    failures: [...a.failures, ...b.failures],
  };
}

/** One check that is not a vitest test: lint, types, a missing server. */
export function oneCheck(name: string, passed: boolean): Totals {
  return passed ? { ...noTotals, passed: 1 } : { ...noTotals, failed: 1, failures: [name] };
}

/**
 * Counts tests. A file that could not be loaded has no tests to fail and counts as one failure; so does a run that
 * failed although every test in it passed (an unhandled error), and a run without a report.
 */
export function totalsOf(report: VitestReport | null, exitCode: number): Totals {
  if (report === null) return oneCheck(`vitest ended with ${exitCode} and left no report`, false);
  let totals = noTotals;
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      const name = `${file.name} > ${test.fullName}`;
      if (test.status === 'passed') totals = { ...totals, passed: totals.passed + 1 };
      else if (test.status === 'failed') totals = addTotals(totals, oneCheck(name, false));
      else totals = { ...totals, skipped: [...totals.skipped, name] };
    }
    const toldByTest = file.assertionResults.some((test) => test.status === 'failed');
    if (file.status === 'failed' && !toldByTest) {
      totals = addTotals(totals, oneCheck(`${file.name}: ${file.message || 'could not be run'}`, false));
    }
  }
  if (exitCode !== 0 && totals.failed === 0) {
    totals = addTotals(
      totals,
      oneCheck(`vitest ended with ${exitCode}: an error outside of the tests`, false),
    );
  }
  return totals;
}
