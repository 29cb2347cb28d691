import { Registry } from '../component/catalog.ts';
import type { ComponentDefinition } from '../component/kinds.ts';
import { componentEntries } from './index.ts';
import { unbuiltTypes } from './unbuilt.ts';

/** Millrace's components, with a program's own before them. */
export function componentRegistry(more: readonly ComponentDefinition[] = []): Registry {
  return new Registry(componentEntries, unbuiltTypes, more);
}
