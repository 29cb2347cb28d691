import { expect, test } from 'vitest';
import { closingSummary } from './summary.ts';
import type { ThreadEnd } from './threads.ts';

test.each([
  [0, 'agent a1: 10 events in, 10 out, 0 held, 0 lost'],
  [3, 'agent a1: 10 events in, 7 out, 0 held, 0 lost, 3 refused and set aside'],
])('with %i refused events', (refused, line) => {
  const attributes = { EventPutSuccessCount: '10', EventTakeSuccessCount: '10' };
  const end: ThreadEnd = {
    metrics: [{ agent: 'a1', kind: 'CHANNEL', name: 'c1', attributes }],
    channels: [{ agent: 'a1', channel: 'c1', delivered: 10 - refused, refused, held: 0, lost: 0 }],
    broker: null,
    problems: [],
    known: true,
  };
  expect(closingSummary([end])).toEqual(['stopped', `  ${line}`]);
});
