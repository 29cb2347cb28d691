import { contextFor, type TestContext } from '../../../millrace/src/component/testing/context.ts';
import {
  type SpillableContext,
  spillableChannel,
} from '../../../millrace/src/components/spillable/channel.ts';

/** A spillable channel's context, its files at `/s` in a file layer in memory that has room. */
export function spillableContext(given: Readonly<Record<string, number | string | boolean>>) {
  const context = contextFor(spillableChannel, {
    ...{ checkpointDir: '/s/checkpoint', dataDirs: '/s/data', minimumRequiredSpace: 0 },
    ...given,
  });
  // Parsed after the channel's own spec.
  return context as unknown as Omit<TestContext, 'options'> & SpillableContext;
}
