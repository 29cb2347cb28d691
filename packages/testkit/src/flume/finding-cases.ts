/**
 * Configurations with one fault each, and the finding that tells of it: for every code of the table at least one, and
 * for every mistake that was seen in a real file.
 */
import { connectionCases } from './finding-cases/connection-cases.ts';
import { fileCases } from './finding-cases/file-cases.ts';
import type { FindingCase } from './finding-cases/finding-case.ts';
import { propertyCases } from './finding-cases/property-cases.ts';
import { streamCases } from './finding-cases/stream-cases.ts';

export const findingCases: readonly FindingCase[] = [
  ...fileCases,
  ...propertyCases,
  ...connectionCases,
  ...streamCases,
];
