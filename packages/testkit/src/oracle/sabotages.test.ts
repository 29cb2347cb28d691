import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sabotages } from './sabotages.ts';

const src = join(import.meta.dirname, '../../../millrace/src');

it.each(Object.entries(sabotages))(
  '%s finds the line that it changes, once',
  (_, { module, find, replace }) => {
    const text = readFileSync(join(src, module), 'utf8');
    expect(text.split(find)).toHaveLength(2);
    expect(text.replace(find, () => replace)).not.toBe(text);
  },
);
