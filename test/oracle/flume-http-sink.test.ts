/** Flume's http sink and ours before servers that answer alike: the same requests, the same counters. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { freePort } from '../../packages/testkit/src/net/free-port.ts';
import { ScriptedHttp } from '../../packages/testkit/src/net/scripted-http.ts';
import { counterOf, monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { type Chance, chanceOf } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

const sinks = 4;
const events = 25;
const counters = ['EventDrainAttemptCount', 'EventDrainSuccessCount', 'EventWriteFail'] as const;
/** No redirects that say where to: Java follows those. */
const statuses = [200, 201, 204, 302, 304, 400, 401, 404, 408, 429, 500, 502, 503, 599];

/** What statuses mean, by code, by class and by default; 200 always lets an event go. */
function drawnRules(chance: Chance): string[] {
  const lines = [`defaultRollback = ${chance.bool()}`, `defaultIncrementMetrics = ${chance.bool()}`];
  for (const name of ['rollback', 'incrementMetrics']) {
    for (const key of ['2XX', '3XX', '4XX', '5XX', '201', '404', '503', '5xx'])
      if (chance.bool(0.4)) lines.push(`${name}.${key} = ${chance.pick(['true', 'false', 'TRUE', 'yes'])}`);
  }
  // A pause of Flume's is a second and more: seldom.
  lines.push('defaultBackoff = false', ...(chance.bool() ? ['backoff.429 = true'] : []));
  return [...lines, 'rollback.200 = false'];
}

function confOf(rules: readonly string[][], urls: readonly string[]): string {
  const names = (kind: string) => urls.map((_, i) => `${kind}${i}`).join(' ');
  return [
    `a1.sources = ${names('r')}`,
    `a1.channels = ${names('c')}`,
    `a1.sinks = ${names('k')}`,
    ...urls.flatMap((url, i) => [
      ...[
        `a1.sources.r${i}.type = seq`,
        `a1.sources.r${i}.totalEvents = ${events}`,
        `a1.sources.r${i}.channels = c${i}`,
      ],
      ...[`a1.channels.c${i}.type = memory`, `a1.sinks.k${i}.type = http`, `a1.sinks.k${i}.channel = c${i}`],
      `a1.sinks.k${i}.endpoint = ${url}/in?x=1`,
      ...rules[i]!.map((line) => `a1.sinks.k${i}.${line}`),
    ]),
  ].join('\n');
}

it('sends the same requests and counts the same', async () => {
  const chance = chanceOf('http sink');
  using dir = tempDir('millrace-http-sink-');
  const rules = Array.from({ length: sinks }, () => drawnRules(chance));
  const scripts = rules.map(() => Array.from({ length: 60 }, () => chance.pick(statuses)));
  const results = { flume: [] as unknown[], millrace: [] as unknown[] };
  for (const who of ['flume', 'millrace'] as const) {
    await using stack = new AsyncDisposableStack();
    const servers: ScriptedHttp[] = [];
    for (const script of scripts) servers.push(stack.use(await ScriptedHttp.start(script, 200)));
    const conf = confOf(
      rules,
      servers.map(({ url }) => url),
    );
    const last = (server: ScriptedHttp) => server.seen.at(-1)?.body === String(events - 1);
    // The last event has arrived when the answer to it was 200: then the script is over.
    const isOver = () => servers.every((server) => last(server) && server.seen.length >= events);
    let counted: (sink: string, name: string) => Promise<number>;
    if (who === 'flume') {
      const port = await freePort();
      const flume = await RealFlume.start({
        ...{ conf, dir: dir.path, beside: ['flume-http-sink'] },
        jvmFlags: ['-Xmx256m', ...monitoringArgs(port)],
      });
      stack.use(flume);
      counted = (sink, name) => counterOf(port, `SINK.${sink}`, name);
    } else {
      writeFileSync(dir.join('f.conf'), conf);
      const agent = await Agent.fromFile([dir.join('f.conf')], 'a1');
      stack.use(agent);
      await agent.start();
      counted = async (sink, name) =>
        Number(agent.counters().find((counter) => counter.name === sink)?.attributes[name]);
    }
    await waitFor('the last events', isOver, { timeoutMs: 120_000 });
    await quiet(servers);
    for (const [i, { seen }] of servers.entries()) {
      const requests = seen.map(({ method, path, body, headers }) => [
        method,
        path,
        body,
        headers['content-type'],
        headers.accept,
      ]);
      const numbers = await Promise.all(counters.map((name) => counted(`k${i}`, name)));
      results[who].push({ rules: rules[i], requests, counters: numbers });
    }
  }
  expect(results.millrace).toEqual(results.flume);
});

/** Waits until nothing has come for a while. */
async function quiet(servers: readonly ScriptedHttp[]): Promise<void> {
  let before = -1;
  await waitFor(
    'silence',
    () => {
      const now = servers.reduce((sum, { seen }) => sum + seen.length, 0);
      const isQuiet = now === before;
      before = now;
      return isQuiet;
    },
    { everyMs: 6000 },
  );
}
