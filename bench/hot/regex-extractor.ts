/** Two headers from the groups of a regular expression: `node bench/hot/regex-extractor.ts`. */
import { contextFor } from '../../packages/millrace/src/component/testing/context.ts';
import { regexExtractorInterceptor } from '../../packages/millrace/src/components/text/regex-extractor-interceptor.ts';
import { encodeLines } from '../../packages/millrace/src/records/encode-lines.ts';
import { accessLog, measure } from './measure.ts';

const events = 1000;
const log = accessLog(events);
const { batch } = encodeLines(log, 0, log.length, { maxEvents: events, timestampMs: Date.now() });

function run(name: string, regex: string, groups: readonly string[]): void {
  const properties = {
    regex,
    serializers: groups.join(' '),
    ...Object.fromEntries(groups.map((group) => [`serializers.${group}.name`, group])),
  };
  const interceptor = regexExtractorInterceptor.create(contextFor(regexExtractorInterceptor, properties));
  measure(name, events, () => interceptor.intercept(batch!, { signal: new AbortController().signal }));
}

run('one group', '"(GET|POST|PUT|DELETE) ', ['method']);
run('two groups', '"(GET|POST|PUT|DELETE) ([^ ?]+)', ['method', 'path']);
