/** Events one by one into a batch: `node bench/hot/batch-builder.ts`. */
import { encodeAvroEvents } from '../../packages/millrace/src/records/avro-event.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import { keepEvents } from '../../packages/millrace/src/records/edit.ts';
import { mapEvents, stripToBodies } from '../../packages/millrace/src/records/transform.ts';
import { accessLog, measure } from './measure.ts';

const events = 1000;
const body = accessLog(1).subarray(0, 205);
const text = body.toString();
const headers = new Map([
  ['Facility', '1'],
  ['Severity', '5'],
  ['host', 'web-17.example.org'],
  ['timestamp', '1700000000000'],
]);
const builder = new BatchBuilder();

function build(own?: ReadonlyMap<string, string>): ReturnType<BatchBuilder['build']> {
  for (let i = 0; i < events; i++) builder.add(body, own);
  return builder.build();
}

measure('builder bodies', events, () => build());
measure('builder bodies of text', events, () => {
  for (let i = 0; i < events; i++) builder.add(text);
  return builder.build();
});
measure('builder four headers', events, () => build(headers));

const withHeaders = build(headers);
measure('strip four headers', events, () => stripToBodies(withHeaders));
measure('filter every other event', events, () => keepEvents(withHeaders, (i) => i % 2 === 0));
measure('map one header more', events, () => {
  return mapEvents(withHeaders, (event) => ({ headers: event.headers().set('id', '1') }));
});
measure('avro four headers', events, () => encodeAvroEvents(withHeaders));
