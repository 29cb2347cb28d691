import { flumeChannels } from './channels.ts';
import { flumeParts } from './parts.ts';
import { flumeSinks } from './sinks.ts';
import { flumeSources } from './sources.ts';
import type { FlumeComponent } from './table.ts';

export type { FlumeComponent, FlumeProperty, FlumeType } from './table.ts';

export const flumeComponents: readonly FlumeComponent[] = [
  ...flumeSources,
  ...flumeChannels,
  ...flumeSinks,
  ...flumeParts,
];
