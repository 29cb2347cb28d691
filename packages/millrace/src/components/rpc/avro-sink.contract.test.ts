import { describe, it } from 'vitest';
import { rpcSinkContract } from '../../../../testkit/src/flume/rpc-agents.ts';
import { avroSink } from './avro-sink.ts';
import { avroSource } from './avro-source.ts';

rpcSinkContract({ describe, it }, 'avro', avroSink, avroSource);
