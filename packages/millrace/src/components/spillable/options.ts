import {
  durableQueueFaults,
  durableQueueNotes,
  durableQueueOptions,
} from '../../component/options/durable-queue.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';

/** What Flume's file channel below takes where it may hold nothing. */
const emptyFileCapacity = 1_000_000;
const defaultOverflowCapacity = 100_000_000;
const overwritten = (by: string) => `This channel sets it itself: ${by}.`;

export const spillableOptions = {
  memoryCapacity: opt.int({
    doc: 'Most events in memory, those that sinks have taken and not yet delivered among them; 0: all go to the files.',
    unit: 'events',
    default: 10_000,
    min: 0,
    onBad: 'default',
    flumeSays: (_, name) =>
      `Invalid memoryCapacity specified, initializing ${name} channel to default value of 10000`,
  }),
  overflowCapacity: opt.int({
    doc: `Most events in the files; below 1 nothing is ever written to them. 0 beside memoryCapacity = 0 counts as the default.`,
    unit: 'events',
    default: defaultOverflowCapacity,
    onBad: 'default',
  }),
  overflowTimeout: opt.duration('s', {
    doc: 'How long a put waits for room in memory before it begins to spill, or where both are full; and a take for events.',
    default: 3,
    min: 0,
    onBad: 'default',
    flumeSays: (_, name) => `Incorrect value for ${name}'s overflowTimeout setting. Using default value 3`,
  }),
  overflowDeactivationThreshold: opt.int({
    doc: 'The part of memoryCapacity that must be free for puts to wait overflowTimeout again, instead of spilling at once.',
    unit: 'percent',
    default: 5,
    onBad: 'default',
    flumeSays: (_, name) =>
      `Incorrect value for ${name}'s overflowDeactivationThreshold. Using default value 5 %`,
  }),
  byteCapacity: opt.bytes({
    doc: 'Most bytes of event bodies in memory, each rounded up to avgEventSize; below that there is no limit. Default: 80 % of a quarter of the memory that the process may use, in equal parts for its agents and their channels without this property.',
    min: 0,
    onBad: 'default',
    onOutside: 'clamp',
  }),
  byteCapacityBufferPercentage: opt.int({
    doc: 'The part of byteCapacity that is kept free for headers.',
    unit: 'percent',
    default: 20,
    min: 0,
    max: 100,
    onBad: 'default',
    onOutside: 'clamp',
    flumeSays: (written, name) =>
      `Error parsing byteCapacityBufferPercentage for ${name}. Using default=20. For input string: "${written}"`,
  }),
  avgEventSize: opt.int({
    doc: 'What bodies are rounded up to where byteCapacity counts them.',
    unit: 'bytes',
    default: 500,
    min: 1,
    onBad: 'default',
    onOutside: 'clamp',
    flumeSays: (written, name) =>
      `Error parsing avgEventSize for ${name}. Using default = 500. For input string: "${written}"`,
  }),
  ...durableQueueOptions,
  capacity: opt.string({
    doc: 'Capacity of a file channel.',
    ignored: overwritten('overflowCapacity says how many events the files hold'),
  }),
  'keep-alive': opt.string({
    doc: 'Wait of a file channel.',
    default: '3',
    ignored: overwritten('overflowTimeout says how long a put waits'),
  }),
};
export type SpillableOptions = OptionValues<typeof spillableOptions>;

/** Most events in the files; 0: none may be written. */
export function overflowCapacityOf({ memoryCapacity, overflowCapacity }: SpillableOptions): number {
  if (overflowCapacity >= 1) return overflowCapacity;
  return memoryCapacity === 0 ? defaultOverflowCapacity : 0;
}

export function spillableFaults(values: SpillableOptions): readonly OptionFinding[] {
  const found = durableQueueFaults(values);
  if (values.transactionCapacity <= (overflowCapacityOf(values) || emptyFileCapacity)) return found;
  const message = 'File Channel transaction capacity cannot be greater than the capacity of the channel.';
  return [{ key: ['transactionCapacity', 'overflowCapacity'], message }, ...found];
}

export function spillableNotes(values: SpillableOptions): readonly OptionFinding[] {
  const found = durableQueueNotes(values);
  if (values.memoryCapacity > 0 || values.overflowCapacity >= 1) return found;
  const message = `overflowCapacity: it cannot be 0 if memoryCapacity is also 0; the default ${defaultOverflowCapacity} is taken, as Flume does`;
  const suggestion = 'give one of them a number above 0';
  return [{ key: 'overflowCapacity', code: 'number-replaced', message, suggestion }, ...found];
}
