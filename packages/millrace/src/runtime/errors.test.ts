import { mkdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorCodes, errorText, explainFileError, hasErrno, MillraceError } from './errors.ts';

test('docs/errors.md lists exactly the codes that exist, with the same remedies', () => {
  const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (yes|no) \| (.*) \|$/gm)].map(
    ([, code, again, remedy]) => ({
      code,
      retryable: again === 'yes',
      remedy,
    }),
  );
  const codes = Object.entries(errorCodes).map(([code, facts]) => ({ code, ...facts }));
  expect(rows).toEqual(codes);
});

test('an error takes retryable and remedy from the table unless it says otherwise', () => {
  const plain = new MillraceError('CHANNEL_FULL', 'c1 is full');
  expect(plain).toMatchObject({
    code: 'CHANNEL_FULL',
    retryable: true,
    remedy: errorCodes.CHANNEL_FULL.remedy,
  });
  const special = new MillraceError('CHANNEL_FULL', 'x', {
    retryable: false,
    remedy: 'y',
    details: { port: 1 },
  });
  expect(special).toMatchObject({ retryable: false, remedy: 'y', details: { port: 1 } });
});

test('anything thrown has a text, and system errors are known by their code', () => {
  expect(errorText('plain')).toBe('plain');
  expect(errorText(new Error('message'))).toBe('message');
  const error = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  expect(hasErrno(error, 'ENOENT', 'ENOSPC')).toBe(true);
  expect(hasErrno(error, 'ENOENT')).toBe(false);
  expect(hasErrno('ENOSPC', 'ENOSPC')).toBe(false);
});

test('a file that the system does not give is told with its path and the reason, never as a bug', () => {
  const path = '/dev/null/folder';
  let thrown: unknown;
  try {
    mkdirSync(path);
  } catch (error) {
    thrown = error;
  }
  expect(explainFileError(thrown)).toMatchObject({
    code: 'FILE_ACCESS',
    message: `can't use ${path}: a part of the path is no folder`,
    cause: thrown,
  });
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/data/a.log' });
  expect(explainFileError(full)).toMatchObject({ code: 'DISK_FULL', details: { path: '/data/a.log' } });
  for (const other of [
    new Error('x'),
    'x',
    Object.assign(new Error('ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    new MillraceError('TIMEOUT', 'late'),
  ]) {
    expect(explainFileError(other)).toBe(other);
  }
});
