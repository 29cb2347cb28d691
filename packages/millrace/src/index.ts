/// <reference types="node" preserve="true" />
/** Millrace as a library: agents in a program's own process. Components are made with `millrace/component`. */
import './runtime/node-version.ts';

export type {
  AgentOptions,
  ChannelOutcome,
  ComponentState,
  CounterSnapshot,
  ReloadResult,
  Undelivered,
} from './agent/agent.ts';
export { Agent } from './agent/agent.ts';
export type { LoadOptions } from './agent/configuration/load-config.ts';
export { loadConfiguration } from './agent/configuration/load-config.ts';
export type {
  AgentInput,
  ComponentInput,
  SinkGroupInput,
  SinkInput,
  SourceInput,
} from './agent/configuration/typed-config.ts';
export { defineAgent } from './agent/configuration/typed-config.ts';
export type { AgentModel, ComponentReport, ConfigurationModel, FlumeMessage } from './agent/model.ts';
export { Deadline } from './runtime/deadline.ts';
export type { Diagnostic } from './runtime/diagnostics.ts';
export { formatDiagnostic } from './runtime/diagnostics.ts';
export type { ErrorCode } from './runtime/errors.ts';
export { errorCodes, MillraceError } from './runtime/errors.ts';
export type { Logger } from './runtime/logger.ts';
export { consoleLogger } from './runtime/logger.ts';
