import type { Diagnostic } from '../runtime/diagnostics.ts';
import { type FindingCode, findingCodes } from './finding-codes.ts';
import type { Place } from './properties-model.ts';

/** A finding as the table has it; without a suggestion of its own it has the table's remedy. */
export function finding(
  code: FindingCode,
  { file, line, column }: Place,
  message: string,
  suggestion: string = findingCodes[code].remedy,
): Diagnostic {
  return { file, line, column, severity: findingCodes[code].severity, code, message, suggestion };
}
