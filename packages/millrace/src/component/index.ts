/// <reference types="node" preserve="true" />
/** What a component is made of: the contracts, the makers, the counters. Published as `millrace/component`. */
import '../runtime/node-version.ts';

export type {
  FileStore,
  StoreAbilities,
  StoreCall,
  StoredFile,
  StoreFile,
} from '../clients/file-store/file-store.ts';
export type { StoreFault } from '../clients/file-store/store-error.ts';
export { isStoreFault, StoreError } from '../clients/file-store/store-error.ts';
export { assertStoreName, nameFault } from '../clients/file-store/store-name.ts';
export type { HttpAnswer, HttpClientOptions, HttpRequest, HttpTls } from '../clients/http/http-client.ts';
export { HttpClient, httpDefaults } from '../clients/http/http-client.ts';
export type { HttpFault } from '../clients/http/http-error.ts';
export { HttpError } from '../clients/http/http-error.ts';
export type { RetryOptions, RetryPolicy } from '../clients/http/retry.ts';
export { retriableStatuses, retryDefaults, withRetries } from '../clients/http/retry.ts';
export type { ConfiguredPart, OptionFinding, OptionSpec, OptionValues } from '../config/options.ts';
export { opt } from '../config/options.ts';
export { Secret } from '../config/secret.ts';
export { AddressFilter, parseFilterRules } from '../net/address-filter.ts';
export type { Conversation } from '../net/conversation.ts';
export { PeerFault } from '../net/conversation.ts';
export type { ListenerOptions } from '../net/listener.ts';
export { Listener } from '../net/listener.ts';
export type { Peer } from '../net/peer.ts';
export type { RequestServerOptions, ServerLimits } from '../net/request-server.ts';
export { RequestServer } from '../net/request-server.ts';
export type { ServedConnection } from '../net/served-connection.ts';
export { BatchBuilder } from '../records/batch-builder.ts';
export {
  editEvents,
  HeaderSetter,
  keepBodies,
  keepEvents,
  removeHeaders,
} from '../records/edit.ts';
export { encodeLines } from '../records/encode-lines.ts';
export type { EventBatchInit, EventView, Headers } from '../records/event-batch.ts';
export { EventBatch, noHeaders } from '../records/event-batch.ts';
export type { EventEdit } from '../records/event-editor.ts';
export { HeaderName } from '../records/event-editor.ts';
export { Deadline } from '../runtime/deadline.ts';
export type { Diagnostic } from '../runtime/diagnostics.ts';
export type { ErrorCode } from '../runtime/errors.ts';
export { MillraceError } from '../runtime/errors.ts';
export { Lifecycle } from '../runtime/lifecycle.ts';
export type { Logger } from '../runtime/logger.ts';
export type { Wait, WaitKind, WaitReport } from '../runtime/wait.ts';
export type { Spawn } from './background.ts';
export type {
  BeginOptions,
  Channel,
  ChannelProgress,
  ChannelStopOptions,
  CommitOptions,
  Progress,
  Transaction,
} from './channel.ts';
export type { ConfigFilter, FilterAnswer, FilterSurroundings } from './config-filter.ts';
export { ChannelCounter, Counter, SinkCounter, SourceCounter } from './counters.ts';
export type {
  ChannelDefinition,
  ComponentContext,
  ComponentSpec,
  ConfigFilterContext,
  ConfigFilterDefinition,
  DeserializerContext,
  DeserializerDefinition,
  HttpHandlerContext,
  HttpHandlerDefinition,
  InterceptorDefinition,
  PathManagerContext,
  PathManagerDefinition,
  ProcessorContext,
  ProcessorDefinition,
  SelectorContext,
  SelectorDefinition,
  SerializerDefinition,
  SinkContext,
  SinkDefinition,
  SourceContext,
  SourceDefinition,
} from './define.ts';
export {
  defineChannel,
  defineConfigFilter,
  defineDeserializer,
  defineHttpHandler,
  defineInterceptor,
  definePathManager,
  defineProcessor,
  defineSelector,
  defineSerializer,
  defineSink,
  defineSource,
  makeDeserializer,
  makeHttpHandler,
  makeRollPath,
  makeSerializer,
} from './define.ts';
export type { Delivery, DeliveryOutcome, RefusedInDelivery } from './delivery.ts';
export { deliveryOf, OutcomeBuilder, partOf } from './delivery.ts';
export type {
  DeserializedEvents,
  EventDeserializer,
  InputMark,
  ResettableInput,
  UnreadableBytes,
} from './deserializer.ts';
export { InputUnreadable, startMark } from './deserializer.ts';
export type { HttpHandler, HttpSourceRequest } from './http-handler.ts';
export { BadHttpRequest } from './http-handler.ts';
export type { IntakeOptions, NotTaken } from './intake.ts';
export { Intake } from './intake.ts';
export type { InterceptOptions, Interceptor } from './interceptor.ts';
export type { ComponentDefinition, DefinitionKind, DefinitionOf } from './kinds.ts';
export type { Fate, FateListener, StopOptions } from './lifetime.ts';
export {
  filterFaults,
  filterOf,
  filterOptions,
  limitOptions,
  limitsOf,
  listenOptions,
} from './options/listen.ts';
export {
  tcpServerFaults,
  tcpServerNotes,
  tcpServerOptions,
  tcpServerSettings,
} from './options/tcp-server.ts';
export { serverTls, serverTlsFaults, serverTlsOptions, tlsNotes } from './options/tls.ts';
export type { RollPath } from './path-manager.ts';
export type { TakenPositions, TakenRange } from './positions.ts';
export type { GroupMember, Seating, SeatingFinding, SinkProcessor } from './processor.ts';
export type {
  ChannelPromises,
  Loss,
  Origin,
  PassingPromises,
  SinkPromises,
  SourcePromises,
} from './promises.ts';
export { datagramLosses } from './promises.ts';
export type { PutUntilTakenOptions } from './put-until-taken.ts';
export { putUntilTaken } from './put-until-taken.ts';
export type { RefusedBytes, RefusedEventOf, RefusedEvents } from './refused.ts';
export { refusedOptions } from './refused.ts';
export type {
  ChannelStream,
  HeaderNeed,
  PositionSystem,
  ReadStreams,
  StreamFormat,
  TransactionSystem,
  WrittenStream,
} from './relations.ts';
export type { ChannelSelector, Route } from './selector.ts';
export { type EventSerializer, NotWritable } from './serializer.ts';
export type { DeliverOptions, FlushOptions, Sink, SinkBatch, SinkWindow } from './sink.ts';
export type {
  BatchProgress,
  ChannelProcessor,
  PollableSource,
  ProcessStatus,
  PutOptions,
  Source,
  SourceProgress,
} from './source.ts';
export type { StateTeller } from './state.ts';
export type {
  ChannelContractSetup,
  ChannelFixture,
  ChannelLimits,
  ChannelSupport,
} from './testing/channel-contract.ts';
export { channelContract } from './testing/channel-contract.ts';
export type { TestContext } from './testing/context.ts';
export { contextFor, RecordedRefusals, recordingLogger, testSurroundings } from './testing/context.ts';
export type { DatagramFixture, DatagramSourceSetup } from './testing/datagram-source-contract.ts';
export { datagramSourceContract } from './testing/datagram-source-contract.ts';
export type { DeserializerContractSetup } from './testing/deserializer-contract.ts';
export { deserializerContract } from './testing/deserializer-contract.ts';
export { DrivenSource, TestPuts } from './testing/driven-source.ts';
export type { HttpHandlerCase, HttpHandlerContractSetup } from './testing/http-handler-contract.ts';
export { httpHandlerContract } from './testing/http-handler-contract.ts';
export type { InterceptorContractSetup, InterceptorFixture } from './testing/interceptor-contract.ts';
export { interceptorContract, interceptorFor } from './testing/interceptor-contract.ts';
export type {
  NetworkFixture,
  NetworkSourceLimits,
  NetworkSourceSetup,
  StrangeBytes,
} from './testing/network-fixture.ts';
export { endless } from './testing/network-fixture.ts';
export type { NetworkAnswer, NetworkLanguage } from './testing/network-peer.ts';
export { networkSourceContract } from './testing/network-source-contract.ts';
export type { SinkContractSetup, SinkFixture } from './testing/sink-contract.ts';
export { sinkContract } from './testing/sink-contract.ts';
export type { SourceContractSetup, SourceFixture } from './testing/source-contract.ts';
export { sourceContract } from './testing/source-contract.ts';
export type { StoreContractSetup, StoreFixture } from './testing/store-contract.ts';
export { storeContract } from './testing/store-contract.ts';
export type { TestApi } from './testing/test-api.ts';
export { batchOf, bodiesOf, numbered } from './testing/test-api.ts';
export { fullChannel, TestChannel } from './testing/test-channel.ts';
export type { RepeatedBytes, TestInputOptions } from './testing/test-input.ts';
export { TestInput } from './testing/test-input.ts';
export { BasicTransaction } from './transaction.ts';
