/** `npm run bench:tables`: puts what is in bench/results into the tables of docs/performance.md; a test finds a stale one. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pageWithTables, type Stored } from './lib/page.ts';

const root = resolve(import.meta.dirname, '..');
export const pagePath = join(root, 'docs/performance.md');

export function storedResult(row: string): Stored | null {
  const file = join(root, `bench/results/${row}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Stored) : null;
}

if (import.meta.main) writeFileSync(pagePath, pageWithTables(readFileSync(pagePath, 'utf8'), storedResult));
