import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  findingsPage,
  findingsPath,
  referencePage,
  referencePath,
  settingsPage,
  settingsPath,
} from './generate-reference.ts';

test('docs/components.md says what the specs say (else: node scripts/generate-reference.ts)', async () => {
  expect(readFileSync(referencePath, 'utf8')).toBe(await referencePage());
});

test('docs/findings.md says what the table of codes says (else: node scripts/generate-reference.ts)', () => {
  expect(readFileSync(findingsPath, 'utf8')).toBe(findingsPage());
});

test('docs/broker-settings.md says what the table of settings says (else: node scripts/generate-reference.ts)', () => {
  expect(readFileSync(settingsPath, 'utf8')).toBe(settingsPage());
});
