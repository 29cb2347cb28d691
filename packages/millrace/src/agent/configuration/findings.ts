/** Collects what the stages of one agent's configuration find: diagnostics, Flume's log lines, what was dropped. */
import { finding } from '../../config/finding.ts';
import type { FindingCode } from '../../config/finding-codes.ts';
import type { Place } from '../../config/properties-model.ts';
import type { Diagnostic } from '../../runtime/diagnostics.ts';
import type { ComponentKind, FlumeMessage } from '../model.ts';

/** A component of the agent, as causes are named. */
export interface Cause {
  readonly kind: ComponentKind;
  readonly name: string;
}

export class Findings {
  readonly #agent: string;
  readonly diagnostics: Diagnostic[] = [];
  readonly messages: FlumeMessage[] = [];
  readonly #dropped = new Map<string, string>();

  /** `agent`: whose; absent for what is of no agent. */
  constructor(agent = '') {
    this.#agent = agent;
  }

  /** `causes`: where one of these is dropped, the finding follows from that. */
  tell(
    place: Place,
    code: FindingCode,
    message: string,
    suggestion?: string,
    causes: readonly Cause[] = [],
  ): void {
    const cause = causes.find(({ kind, name }) => this.isDropped(kind, name));
    if (cause === undefined) {
      this.diagnostics.push(finding(code, place, message, suggestion));
      return;
    }
    const { kind, name } = cause;
    const follows = this.#pathOf(kind, name);
    this.diagnostics.push({
      ...finding(code, place, message, `it follows from ${kind} ${name}: mend that`),
      follows,
    });
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
    causes: readonly Cause[] = [],
  ): void {
    if (this.isDropped(kind, name)) return;
    this.tell(place, code, `${kind} ${name} is dropped: ${reason}`, suggestion, causes);
    this.dropQuietly(kind, name, reason, this.diagnostics.slice(-1));
  }

  /** As `drop`, where the finding has been told already: it is the first of `told` that is an error, or the first. */
  dropQuietly(kind: ComponentKind, name: string, reason: string, told: readonly Diagnostic[] = []): void {
    if (this.isDropped(kind, name)) return;
    this.#dropped.set(`${kind} ${name}`, reason);
    const cause = told.find(({ severity }) => severity === 'error') ?? told[0];
    const at = cause === undefined ? -1 : this.diagnostics.lastIndexOf(cause);
    if (at >= 0) this.diagnostics[at] = { ...this.diagnostics[at]!, drops: this.#pathOf(kind, name) };
  }

  /** As the file names it. */
  #pathOf(kind: ComponentKind, name: string): string {
    if (kind !== 'interceptor') return `${this.#agent}.${kind}s.${name}`;
    const [source, ...rest] = name.split('.');
    return `${this.#agent}.sources.${source}.interceptors.${rest.join('.')}`;
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
