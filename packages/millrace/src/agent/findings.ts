/** Collects what the stages of one agent's configuration find: diagnostics, Flume's log lines, what was dropped. */
import type { Place } from '../config/properties-model.ts';
import type { Diagnostic } from '../runtime/diagnostics.ts';
import type { ComponentKind, FlumeMessage } from './model.ts';

export class Findings {
  readonly diagnostics: Diagnostic[] = [];
  readonly messages: FlumeMessage[] = [];
  readonly #dropped = new Map<string, string>();

  error(place: Place, code: string, message: string, suggestion?: string): void {
    this.#tell('error', place, code, message, suggestion);
  }

  warning(place: Place, code: string, message: string, suggestion?: string): void {
    this.#tell('warning', place, code, message, suggestion);
  }

  info(place: Place, code: string, message: string, suggestion?: string): void {
    this.#tell('info', place, code, message, suggestion);
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
    code: string,
    reason: string,
    suggestion?: string,
  ): void {
    if (this.isDropped(kind, name)) return;
    this.dropQuietly(kind, name, reason);
    this.error(place, code, `${kind} ${name} is dropped: ${reason}`, suggestion);
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

  #tell(
    severity: Diagnostic['severity'],
    place: Place,
    code: string,
    message: string,
    suggestion?: string,
  ): void {
    const { file, line, column } = place;
    this.diagnostics.push({
      file,
      line,
      column,
      severity,
      code,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }
}
