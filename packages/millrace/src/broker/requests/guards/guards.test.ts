import { expect, test } from 'vitest';
import { handlers } from '../dispatch.ts';
import { isGuarded } from './guards.ts';

test('of every API that is served it is settled who may ask for it', () => {
  // A new API needs a guard here, or with an authorizer it is nobody's (docs/architecture.md).
  expect(handlers.filter(({ apiKey }) => !isGuarded(apiKey)).map(({ name }) => name)).toEqual([]);
});
