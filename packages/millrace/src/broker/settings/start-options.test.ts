import { expect, test } from 'vitest';
import { Broker } from '../broker.ts';

test.each([
  ['port', 'x'],
  ['port', '9092'],
  ['port', -1],
  ['port', 65_536],
  ['port', 1.5],
  ['port', Number.NaN],
  ['defaultPartitions', 0],
  ['defaultPartitions', 'many'],
])('%s: %j is told with its name, as any fault of a configuration', async (name, value) => {
  await expect(Broker.start({ [name]: value } as never)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(`${name} is a whole number`),
  });
});
