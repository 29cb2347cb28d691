import { expect, test } from 'vitest';
import type { ComponentReport } from './api.ts';
import { stateLines } from './state-lines.ts';

const source: ComponentReport = {
  ...{ agent: 'a1', kind: 'source', name: 'r1', type: 'exec', state: 'failing', since: 1000 },
  lastError: 'its command, which has ended with code 1',
  waits: [
    { kind: 'fault', what: 'its command, which has ended with code 1', since: 1000 },
    { kind: 'held', what: 'the channels take nothing: full', since: 2000 },
  ],
  lastFailure: { error: 'spawn EAGAIN', at: 500 },
  counters: { Type: 'SOURCE', EventAcceptedCount: '3', EventReceivedCount: '0' },
};

test('what each component does and waits for, with times, and what is not ready in front', () => {
  const channel: ComponentReport = {
    ...{ agent: 'a1', kind: 'channel', name: 'c1', type: 'memory', state: 'started', since: 0 },
    ...{ waits: [], counters: { Type: 'CHANNEL' } },
  };
  const notReady = [{ component: 'agent a1, source r1', reason: 'failing: its command', since: 1000 }];
  expect(stateLines({ notReady, components: [source, channel], broker: null })).toEqual([
    'state: not ready (1)',
    'not ready: agent a1, source r1: failing: its command (since 1970-01-01T00:00:01.000Z)',
    'agent a1, source r1 (exec): failing since 1970-01-01T00:00:01.000Z, its command, which has ended with code 1, ' +
      'waits for the channels take nothing: full (since 1970-01-01T00:00:02.000Z), ' +
      'failed last at 1970-01-01T00:00:00.500Z: spawn EAGAIN, EventAcceptedCount=3',
    'agent a1, channel c1 (memory): started since 1970-01-01T00:00:00.000Z, nothing yet',
  ]);
  expect(stateLines({ notReady: [], components: [], broker: null })).toEqual(['state: ready']);
});
