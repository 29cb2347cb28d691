/** A request of Flume's JSONHandler to a batch: `node bench/hot/json-events.ts`. */
import { JsonEvents } from '../../packages/millrace/src/components/http/json-events.ts';
import { accessLog, measure } from './measure.ts';

const events = 1000;
const bodies = accessLog(events).toString('latin1').split('\n').slice(0, events);
const reader = new JsonEvents();

function run(name: string, headers: object): void {
  const document = Buffer.from(JSON.stringify(bodies.map((body) => ({ headers, body }))));
  const bytes = Buffer.alloc(document.length);
  // Reading changes the bytes: each round has its own copy, which is in the figure.
  measure(name, events, () => {
    document.copy(bytes);
    reader.read(bytes);
  });
}

run('JSON events without headers', {});
run('JSON events with three headers', { host: 'web-1', timestamp: '1700000000000', level: 'INFO' });
