import { expect, test } from 'vitest';
import { formatDiagnostic } from './diagnostics.ts';

const finding = { file: 'f.conf', line: 3, column: 1, severity: 'warning', code: 'x' } as const;

test('a finding is told as file:line:column, with what to do', () => {
  expect(formatDiagnostic({ ...finding, message: 'm', suggestion: 'do this' })).toBe(
    'f.conf:3:1: warning: m (do this) [x]',
  );
  expect(formatDiagnostic({ ...finding, line: 0, column: 0, message: 'm' })).toBe('f.conf: warning: m [x]');
  const nowhere = { ...finding, file: '', line: 0, column: 0, message: 'm' };
  expect(formatDiagnostic(nowhere)).toBe('warning: m [x]');
});

test('what a file holds cannot steer the terminal or fake a line', () => {
  const message = 'agent \u001b[2J\nforged\u009b: ünïcode stays';
  expect(formatDiagnostic({ ...finding, message })).toBe(
    'f.conf:3:1: warning: agent \\u001b[2J\\u000aforged\\u009b: ünïcode stays [x]',
  );
});
