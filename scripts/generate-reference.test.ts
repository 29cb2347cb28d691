import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referencePage, referencePath } from './generate-reference.ts';

test('docs/components.md says what the specs say (else: node scripts/generate-reference.ts)', async () => {
  expect(readFileSync(referencePath, 'utf8')).toBe(await referencePage());
});
