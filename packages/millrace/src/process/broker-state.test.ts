import { expect, test } from 'vitest';
import { brokerDoing, brokerFaults } from './broker-state.ts';

const partition = {
  topic: 't',
  startOffset: 5,
  endOffset: 15,
  highWatermark: 15,
  sizeBytes: 100,
  failure: '',
};
const figures = {
  partitions: [
    { ...partition, partition: 0 },
    { ...partition, partition: 1, failure: 'a sync failed: EIO' },
  ],
  groups: [
    {
      groupId: 'g',
      state: 'Stable',
      members: 1,
      offsets: [
        { topic: 't', partition: 0, committedOffset: 10, lag: 5 },
        { topic: 't', partition: 1, committedOffset: 13, lag: 2 },
      ],
    },
  ],
  freeBytes: 4096,
  network: { connections: 0, connectionsOpened: 0, connectionsFailed: 0, apis: [] },
};

test('a full device and a failed log are told; room and whole logs are not', () => {
  expect(brokerFaults(figures, '/data')).toEqual([
    { component: 'broker, t-1', reason: 'a sync failed: EIO' },
    { component: 'broker', reason: 'no space left on the device of /data (4096 bytes)' },
  ]);
  const whole = figures.partitions.slice(0, 1);
  expect(brokerFaults({ ...figures, partitions: whole, freeBytes: 1e9 }, '/data')).toEqual([]);
  expect(brokerFaults({ ...figures, partitions: whole, freeBytes: null }, undefined)).toEqual([]);
});

test('topics and groups in a line each', () => {
  expect(brokerDoing(figures)).toEqual([
    'broker, topic t: 20 records, 200 bytes in 2 partitions',
    'broker, group g: Stable, 1 members, 7 records behind',
  ]);
});
