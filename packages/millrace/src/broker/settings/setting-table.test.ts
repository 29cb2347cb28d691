import { expect, test } from 'vitest';
import { brokerSettings, optionsOf, shownValue } from './setting-table.ts';
import { withDefaults } from './settings-defaults.ts';

test('every setting that is a number, a switch or a choice is in the table, and nothing else', () => {
  const isPlace = (name: string) => ['host', 'port', 'nodeId', 'dataDir', 'advertisedHost'].includes(name);
  const settings = Object.entries(withDefaults({}))
    .filter(([name, value]) => !isPlace(name) && ['number', 'boolean', 'string'].includes(typeof value))
    .map(([name]) => name);
  expect(brokerSettings.map(({ option }) => option).toSorted()).toEqual(settings.toSorted());
  const names = brokerSettings.map(({ name }) => name);
  expect(names).toEqual(names.toSorted());
});

test('a broker that is told nothing runs with the defaults of the table', () => {
  const settings = withDefaults({});
  for (const setting of brokerSettings) {
    const { name } = setting;
    expect([name, shownValue(setting, settings)]).toEqual([name, String(setting.default ?? -1)]);
  }
});

test('settings by name become what Broker.start takes, in its units; those of topics their defaults', () => {
  const options = optionsOf([
    ['queued.max.request.bytes', '-1'],
    ['offsets.retention.minutes', '2'],
    ['auto.create.topics.enable', 'FALSE'],
    ['log.flush', 'os'],
    ['retention.ms', '5'],
    ['message.max.bytes', '2000'],
  ]);
  expect(options).toEqual({
    maxQueuedRequestBytes: -1,
    offsetsRetentionMs: 120_000,
    autoCreateTopics: false,
    logFlush: 'os',
    topicDefaults: { 'retention.ms': '5', 'max.message.bytes': '2000' },
  });
  const settings = withDefaults(options);
  const shown = (name: string) => shownValue(brokerSettings.find((each) => each.name === name)!, settings);
  expect(shown('offsets.retention.minutes')).toBe('2');
});

test.each([
  ['max.connections', 'many', 'max.connections is a whole number from 0 to 2147483647'],
  ['max.connections', '', 'max.connections is a whole number'],
  ['max.connections', '1.5', 'max.connections is a whole number'],
  ['queued.max.request.bytes', '-2', 'queued.max.request.bytes is a whole number of at least -1'],
  ['offsets.retention.minutes', '0', 'a whole number from 1'],
  ['auto.create.topics.enable', 'yes', 'auto.create.topics.enable is true or false'],
  ['log.flush', 'no', 'log.flush is fsync or os'],
  ['log.retention.ms', 'x', 'log.retention.ms: Invalid value x for configuration retention.ms'],
])('%s=%s is told with what is allowed', (name, value, message) => {
  expect(() => optionsOf([[name, value]])).toThrow(message);
});

test('an unknown name is told with the nearest', () => {
  expect(() => optionsOf([['max.conections', '5']])).toThrow(
    expect.objectContaining({ code: 'USAGE', remedy: 'Did you mean max.connections?' }),
  );
  expect(() => optionsOf([['constructor', '5']])).toThrow('no setting');
});
