/** Collects what the stages of one agent's configuration find: diagnostics, Flume's log lines, what was dropped. */
import { finding } from '../config/finding.ts';
import type { FindingCode } from '../config/finding-codes.ts';
import type { Place } from '../config/properties-model.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import type { ComponentKind, FlumeMessage } from './model.ts';

export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  readonly messages: FlumeMessage[] = [];
  readonly #dropped = new Map<string, string>();

  tell(place: Place, code: FindingCode, message: string, suggestion?: string): void {
    this.diagnostics.push(finding(code, place, message, suggestion));
  }

  addAll(diagnostics: Iterable<Diagnostic>): void {
    // Not by spreading: there may be more than a call takes arguments.
    for (const diagnostic of diagnostics) this.diagnostics.push(diagnostic);
  }

  /** Takes a component out, and says so. Only the first reason counts. */
  drop(
    kind: ComponentKind,
    name: string,
    place: Place,
    code: FindingCode,
    reason: string,
    suggestion?: string,
  ): void {
    if (this.isDropped(kind, name)) return;
    this.dropQuietly(kind, name, reason);
    this.tell(place, code, `${kind} ${name} is dropped: ${reason}`, suggestion);
  }

  /** As `drop`, where the finding has been told already. */
  dropQuietly(kind: ComponentKind, name: string, reason: string): void {
    if (!this.isDropped(kind, name)) this.#dropped.set(`${kind} ${name}`, reason);
  }

  isDropped(kind: ComponentKind, name: string): boolean {
    return this.#dropped.has(`${kind} ${name}`);
  }

  dropReason(kind: ComponentKind, name: string): string | undefined {
    return this.#dropped.get(`${kind} ${name}`);
  }

  /** A line of Flume's own. */
  log(level: FlumeMessage['level'], logger: string, text: string): void {
    this.messages.push({ level, logger, text });
  }
}
