import { expect, it } from 'vitest';
import { generatedFiles, staleFiles } from './generate-components.ts';

it('finds the index of components and their pages as the specs have them (else: npm run generate)', async () => {
  const files = await generatedFiles();
  expect(files.size).toBeGreaterThan(20);
  expect(staleFiles(files)).toEqual([]);
});

it('notices a changed, a missing and a left-over page', async () => {
  const files = await generatedFiles();
  const pages = [...files.keys()].filter((path) => path.startsWith('docs/components/'));
  files.set(pages[0]!, `${files.get(pages[0]!)}changed\n`);
  files.set('docs/components/source/not-there.md', '');
  files.delete(pages[1]!);
  expect(staleFiles(files)).toEqual([pages[0], 'docs/components/source/not-there.md', pages[1]]);
});
