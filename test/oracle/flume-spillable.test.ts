/** The spillable channel beside Flume's: where puts find room, what is answered when they don't, what is counted, in which order events come. */
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { Agent } from '../../packages/millrace/src/agent/agent.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { RealFlume } from '../../packages/testkit/src/flume/real-flume.ts';
import { freePort, freePorts } from '../../packages/testkit/src/net/free-port.ts';
import { monitoringArgs } from '../../packages/testkit/src/oracle/programs.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { waitFor } from '../../packages/testkit/src/process/wait.ts';

interface Case {
  readonly lines: readonly string[];
  readonly events: number;
  /** Only up to the first refusal: Flume's byte limit grows with each put that it refuses for want of memory. */
  readonly untilRefused: boolean;
}

/** Channels that are filled line by line and not emptied, some beyond their end. */
function drawnCase(chance: Chance): Case {
  const memory = chance.pick([0, 1, 7, 40]);
  const overflow = chance.pick(memory === 0 ? [20, 60] : [0, 0, 20, 60]);
  const lines = [
    ...[`memoryCapacity = ${memory}`, `overflowCapacity = ${overflow}`, 'overflowTimeout = 0'],
    'transactionCapacity = 10',
  ];
  const bytes = chance.bool();
  if (bytes)
    lines.push(
      `byteCapacity = ${chance.pick([50, 200, 1000])}`,
      `byteCapacityBufferPercentage = ${chance.pick([0, 20, 90])}`,
      `avgEventSize = ${chance.pick([1, 10, 100])}`,
    );
  return { lines, events: chance.int(5, 70), untilRefused: bytes && overflow === 0 };
}

function confOf(cases: readonly Case[], ports: readonly number[], dir: string): string {
  const names = (kind: string) => cases.map((_, i) => `${kind}${i}`).join(' ');
  return [
    ...[`a1.sources = ${names('r')} last`, `a1.channels = ${names('c')} last`, 'a1.sinks = k'],
    ...cases.flatMap(({ lines }, i) => [
      ...['type = netcat', 'bind = 127.0.0.1', `port = ${ports[i]}`, `channels = c${i}`].map(
        (line) => `a1.sources.r${i}.${line}`,
      ),
      ...[
        ...['type = spillablememory', 'minimumRequiredSpace = 0', `checkpointDir = ${dir}/c${i}`],
        ...[`dataDirs = ${dir}/d${i}`, ...lines],
      ].map((line) => `a1.channels.c${i}.${line}`),
    ]),
    // One with a sink: through memory and files, in its order.
    ...['type = seq', 'totalEvents = 2000', 'batchSize = 7', 'channels = last'].map(
      (line) => `a1.sources.last.${line}`,
    ),
    ...[
      ...[
        'type = spillablememory',
        'minimumRequiredSpace = 0',
        `checkpointDir = ${dir}/cl`,
        `dataDirs = ${dir}/dl`,
      ],
      ...['memoryCapacity = 20', 'overflowTimeout = 0', 'transactionCapacity = 100'],
    ].map((line) => `a1.channels.last.${line}`),
    ...[
      'type = file_roll',
      `sink.directory = ${dir}/out`,
      'sink.rollInterval = 0',
      'batchSize = 3',
      'channel = last',
    ].map((line) => `a1.sinks.k.${line}`),
  ].join('\n');
}

/** The answers to so many lines, one after the other, of 0 to 30 characters. */
async function fill(port: number, events: number, untilRefused = false): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const answers: string[] = [];
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  for (let i = 0; i < events; i++) {
    socket.write(`${'x'.repeat((i * 7) % 31)}\n`);
    const answer: string = (await lines.next()).value ?? 'closed';
    answers.push(answer);
    if (untilRefused && answer !== 'OK') break;
  }
  socket.destroy();
  return answers;
}

const counted = [
  ...[
    'ChannelCapacity',
    'ChannelSize',
    'ChannelFillPercentage',
    'EventPutAttemptCount',
    'EventPutSuccessCount',
  ],
  ...['EventTakeSuccessCount', 'Type'],
];

it('answers, counts and orders as Flume', async () => {
  const chance = chanceOf('spillable channel');
  const cases = Array.from({ length: roundsOr(10) }, () => drawnCase(chance));
  using dir = tempDir('millrace-spillable-');
  const results = { flume: [] as unknown[], millrace: [] as unknown[] };
  for (const who of ['flume', 'millrace'] as const) {
    await using stack = new AsyncDisposableStack();
    const ports = await freePorts(cases.length);
    mkdirSync(dir.join(`${who}/out`), { recursive: true });
    const conf = confOf(cases, ports, dir.join(who));
    let metrics: () => Promise<Record<string, Record<string, string>>>;
    if (who === 'flume') {
      const port = await freePort();
      const jvmFlags = ['-Xmx256m', ...monitoringArgs(port)];
      stack.use(await RealFlume.start({ conf, dir: dir.path, jvmFlags }));
      metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).json() as never;
    } else {
      writeFileSync(dir.join('f.conf'), conf);
      const agent = await Agent.fromFile([dir.join('f.conf')], 'a1');
      stack.use(agent);
      await agent.start();
      metrics = async () =>
        Object.fromEntries(
          agent.counters().map(({ name, attributes }) => [`${attributes.Type}.${name}`, attributes]),
        );
    }
    const out = () =>
      readdirSync(dir.join(`${who}/out`))
        .map((file) => readFileSync(dir.join(`${who}/out/${file}`), 'utf8'))
        .join('')
        .split('\n');
    await waitFor('the sequence', () => out().length > 2000, { timeoutMs: 60_000 });
    expect(out().slice(0, -1)).toEqual(Array.from({ length: 2000 }, (_, i) => String(i)));
    for (const [i, { events, untilRefused }] of cases.entries()) {
      await waitFor('the source', async () => (await fill(ports[i]!, 0).catch(() => null)) !== null);
      results[who].push({ case: i, answers: await fill(ports[i]!, events, untilRefused) });
    }
    const all = await metrics();
    for (const [i] of cases.entries())
      results[who].push(counted.map((name) => [name, all[`CHANNEL.c${i}`]?.[name]]));
    results[who].push(Object.keys(all['CHANNEL.c0'] ?? {}).sort());
  }
  expect(results.millrace).toEqual(results.flume);
});
