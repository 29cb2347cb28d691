import { describe, it } from 'vitest';
import { PlayedGateway } from '../../../../testkit/src/hbase/played-gateway.ts';
import { contextFor } from '../../component/testing/context.ts';
import { sinkContract } from '../../component/testing/sink-contract.ts';
import { batchOf } from '../../component/testing/test-api.ts';
import { hbase2Sink } from './sink.ts';

const busy = { status: 503, says: 'org.apache.hadoop.hbase.RegionTooBusyException: Over memstore limit' };
const ways: Readonly<Record<string, (gateway: PlayedGateway) => void>> = {
  'a region server that is busy': (gateway) => {
    gateway.verdict = () => busy;
  },
  'rights that are gone': (gateway) => {
    gateway.verdict = () => ({ status: 403, says: 'org.apache.hadoop.hbase.security.AccessDeniedException' });
  },
  'a fault of the gateway itself': (gateway) => {
    gateway.verdict = () => ({ status: 400, says: 'java.util.concurrent.RejectedExecutionException: shut' });
  },
  'a server that is no gateway': (gateway) => {
    gateway.http.play([], (response) => response.writeHead(400).end('<html>plain HTTP sent to TLS'));
  },
  'connections that end': (gateway) => {
    gateway.http.play([], (response) => response.destroy());
  },
  'answers that are lost': (gateway) => {
    gateway.losesAnswers = true;
  },
};

for (const [how, fail] of Object.entries(ways)) {
  for (const counted of [false, true]) {
    sinkContract({ describe, it }, `hbase2, failing by ${how}${counted ? ', counting' : ''}`, {
      create: async () => {
        const gateway = await PlayedGateway.start();
        const isBad = (value: string) => value === 'bad';
        const heal = () => {
          gateway.losesAnswers = false;
          gateway.verdict = (rows) =>
            rows.some(({ cells }) => cells.some(([, value]) => isBad(value)))
              ? { status: 400, says: 'java.lang.IllegalArgumentException: KeyValue size too large' }
              : null;
          gateway.serve();
        };
        heal();
        const properties = {
          ...{ 'rest.url': gateway.http.url, table: 't', columnFamily: 'cf' },
          ...{ countEvents: counted, coalesceIncrements: true },
        };
        return {
          sink: hbase2Sink.create(contextFor(hbase2Sink, properties)),
          delivered: async () => [...gateway.rows.values()].map(({ cells }) => cells[0]![1]),
          fail: async () => fail(gateway),
          heal: async () => heal(),
          refusable: () => batchOf('bad'),
          dispose: () => gateway[Symbol.asyncDispose](),
        };
      },
    });
  }
}
