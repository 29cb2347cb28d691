import { describe, it } from 'vitest';
import { rpcSinkContract } from '../../../../testkit/src/flume/rpc-agents.ts';
import { thriftSink } from './thrift-sink.ts';
import { thriftSource } from './thrift-source.ts';

rpcSinkContract({ describe, it }, 'thrift', thriftSink, thriftSource);
