import type { Diagnostic } from '../runtime/diagnostics.ts';
import { finding } from './finding.ts';
import type { FindingCode } from './finding-codes.ts';
import type { Place } from './properties-model.ts';

/** What is found in the options of one component, and whether it can be had with them. */
export class OptionReport {
  /** For messages: `source r1`. */
  readonly component: string;
  readonly diagnostics: Diagnostic[] = [];
  /** Why the component can't be had; its first fault. */
  dropReason: string | undefined;
  /** What Flume's exception says of the value that drops it. */
  flumeFault: string | undefined;
  /** What Flume logs of values in whose place it takes its default. */
  readonly flumeWarnings: string[] = [];

  constructor(component: string) {
    this.component = component;
  }

  /** The component can't be had. `flumeFault`: counts where nothing else has dropped it before. */
  drop(place: Place, code: FindingCode, reason: string, suggestion?: string, flumeFault?: string): void {
    if (this.dropReason === undefined) {
      this.dropReason = reason;
      this.flumeFault = flumeFault;
    }
    this.tell(place, code, `${this.component} is dropped: ${reason}`, suggestion);
  }

  tell(place: Place, code: FindingCode, message: string, suggestion?: string): void {
    this.diagnostics.push(finding(code, place, message, suggestion));
  }
}
