/** Our interceptors against Flume 1.11's own: the same properties, the same events. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import type { InterceptorDefinition } from '../../packages/millrace/src/component/define.ts';
import {
  type InterceptorFixture,
  interceptorFor,
} from '../../packages/millrace/src/component/testing/interceptor-contract.ts';
import { removeHeaderInterceptor } from '../../packages/millrace/src/components/headers/remove-header-interceptor.ts';
import { staticInterceptor } from '../../packages/millrace/src/components/headers/static-interceptor.ts';
import { regexExtractorInterceptor } from '../../packages/millrace/src/components/text/regex-extractor-interceptor.ts';
import { regexFilterInterceptor } from '../../packages/millrace/src/components/text/regex-filter-interceptor.ts';
import { searchReplaceInterceptor } from '../../packages/millrace/src/components/text/search-replace-interceptor.ts';
import { BatchBuilder } from '../../packages/millrace/src/records/batch-builder.ts';
import type { EventBatch } from '../../packages/millrace/src/records/event-batch.ts';
import {
  type DrawnEvent,
  type DrawnInterceptor,
  drawEvent,
  drawInterceptor,
} from '../../packages/testkit/src/flume/drawn-interceptors.ts';
import { chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { noteRealServer } from '../../packages/testkit/src/process/java.ts';
import { classPath, javaProgram } from '../../scripts/lib/test-needs.ts';

const definitions = new Map<string, InterceptorDefinition>([
  ['static', staticInterceptor],
  ['regex_filter', regexFilterInterceptor],
  ['regex_extractor', regexExtractorInterceptor],
  ['remove_header', removeHeaderInterceptor],
  ['search_replace', searchReplaceInterceptor],
]);

const eventsPerCase = 12;
const hex = (text: string) => Buffer.from(text).toString('hex');
const pairs = (map: Iterable<readonly [string, string]>) =>
  [...map].map(([key, value]) => `\t${hex(key)}=${hex(value)}`).join('');

/** What Flume answers, a line each. */
async function flumeAnswers(lines: readonly string[]): Promise<string[]> {
  const program = resolve(
    import.meta.dirname,
    '../../packages/testkit/src/process/java/InterceptEvents.java',
  );
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const flags = ['-Dfile.encoding=UTF-8', `-Duser.timezone=${timeZone}`, '-Dlog4j2.level=OFF'];
  const printed = execFileSync(javaProgram(), [...flags, '-cp', await classPath('flume'), program], {
    input: `${lines.join('\n')}\n`,
    encoding: 'latin1',
    maxBuffer: 1 << 28,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  noteRealServer('flume');
  return printed.split('\n').slice(0, -1);
}

/** The events as they come from a source: a header that all have alike may stand beside them, and more around them. */
function batchOf(events: readonly DrawnEvent[]): EventBatch {
  const name = 'a';
  const value = events[0]!.headers.get(name);
  const shares = value !== undefined && events.every(({ headers }) => headers.has(name));
  const builder = new BatchBuilder();
  builder.add('in front', [['tmp_1', 'x']]);
  for (const { body, headers } of events) {
    builder.add(body, shares ? [...headers].filter(([n, v]) => n !== name || v !== value) : headers);
  }
  return builder.build(shares ? new Map([[name, value]]) : undefined).slice(1, 1 + events.length);
}

/** Body and headers as the Java program prints them; a header with a null value is none here. */
const shown = (body: Buffer, headers: Iterable<readonly [string, string]>) =>
  [body.toString('hex'), ...[...headers].map(([key, value]) => `${hex(key)}=${hex(value)}`).sort()].join(
    '\t',
  );
const withoutNulls = (answer: string) =>
  answer
    .split('\t')
    .filter((field) => !field.endsWith('=null'))
    .map((field, i) => [i === 0 ? '' : field, field] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, field]) => field)
    .join('\t');

/** What becomes of one event: as the Java program prints it. `threw`: it was set aside. */
async function outcome({ run, context }: InterceptorFixture, event: EventBatch): Promise<string> {
  const before = context.refused.events.length;
  const left = await run(event);
  if (context.refused.events.length > before) return 'threw';
  if (left === null) return 'dropped';
  expect(left.count).toBe(1);
  return shown(left.event(0).body, left.event(0).headers());
}

/** Flume writes a body anew even where it has found nothing: its bytes that are no text are lost then. */
function keptBytes(
  ours: string,
  theirs: string,
  { properties }: DrawnInterceptor,
  { body }: DrawnEvent,
): boolean {
  const anew =
    properties.charset === 'US-ASCII'
      ? body.map((byte) => (byte < 0x80 ? byte : 0x3f))
      : Buffer.from(body.toString());
  return (
    ours.split('\t')[0] === body.toString('hex') &&
    theirs.split('\t')[0] === Buffer.from(anew).toString('hex')
  );
}

/** Java finds nothing also between the halves of a surrogate pair, and writes a `?` for each half then. */
const cutsPair = (ours: string, theirs: string, event: DrawnEvent) =>
  event.body.includes('😀') &&
  (theirs.split('\t')[0]!.includes('3f') || ours.split('\t')[0]!.includes('efbfbd'));

it('do what Flume’s do', async () => {
  const chance = chanceOf('interceptors');
  const cases = Array.from({ length: roundsOr(20) * 50 }, () => {
    const events = Array.from({ length: eventsPerCase }, () => drawEvent(chance));
    return { drawn: drawInterceptor(chance), events };
  });
  const answers = await flumeAnswers(
    cases.flatMap(({ drawn, events }) => [
      `I\t${hex(drawn.type)}${pairs(Object.entries(drawn.properties))}`,
      ...events.map(({ body, headers }) => `E\t${body.toString('hex')}${pairs(headers)}`),
    ]),
  );
  expect(answers.length).toBe(cases.length * (1 + eventsPerCase));
  const differences: string[] = [];
  const compared = new Map<string, number>();
  for (const [c, { drawn, events }] of cases.entries()) {
    const at = c * (1 + eventsPerCase);
    const theirs = answers.slice(at + 1, at + 1 + eventsPerCase);
    differences.push(...(await compare(drawn, events, answers[at]!, theirs, compared)));
  }
  expect(differences).toEqual([]);
  for (const type of definitions.keys()) expect(compared.get(type), type).toBeGreaterThan(100);
});

async function compare(
  drawn: DrawnInterceptor,
  events: readonly DrawnEvent[],
  built: string,
  theirs: readonly string[],
  compared: Map<string, number>,
): Promise<string[]> {
  const name = `${drawn.type} ${JSON.stringify(drawn.properties)}`;
  let fixture: InterceptorFixture;
  try {
    fixture = interceptorFor(definitions.get(drawn.type)!, drawn.properties);
  } catch (error) {
    // Refused here: so it is there, or its replacement fails there with the first event in which something is found.
    const reason = (error as Error).message;
    const mayRefuse = built !== '' || /replaceString:|is not supported/.test(reason);
    return mayRefuse ? [] : [`${name}: ${reason}`];
  }
  if (built !== '') return [`${name}: taken here, there: ${built}`];
  const batch = batchOf(events);
  const whole: string[] = [];
  const differences: string[] = [];
  for (const [i, event] of events.entries()) {
    const ours = await outcome(fixture, batch.slice(i, i + 1));
    if (ours !== 'dropped' && ours !== 'threw') whole.push(ours);
    const answer = theirs[i]!.startsWith('threw') ? 'threw' : withoutNulls(theirs[i]!);
    if (ours === answer || keptBytes(ours, answer, drawn, event) || cutsPair(ours, answer, event)) continue;
    differences.push(`${name}: ${JSON.stringify(event.body.toString())}: ours ${ours}, theirs ${theirs[i]}`);
  }
  compared.set(drawn.type, (compared.get(drawn.type) ?? 0) + events.length);
  const together = await fixture.run(batch);
  const left = together === null ? [] : [...together].map((event) => shown(event.body, event.headers()));
  if (differences.length === 0) expect(left, name).toEqual(whole);
  return differences;
}
