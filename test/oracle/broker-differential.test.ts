/** The embedded broker beside Apache Kafka 4.3, one node each: the same requests, and answers laid side by side. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Broker } from '../../packages/millrace/src/broker/index.ts';
import { servedVersions } from '../../packages/millrace/src/broker/requests/dispatch.ts';
import { seedOfRun, wholeNumber } from '../../packages/millrace/src/component/testing/chance.ts';
import { type ApiName, messages } from '../../packages/millrace/src/protocol/messages.ts';
import { tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import {
  compareExchanges,
  type Difference,
  tellDifference,
} from '../../packages/testkit/src/kafka/differential/differences.ts';
import { directedScenarios } from '../../packages/testkit/src/kafka/differential/directed.ts';
import {
  knownBy,
  knownDifferences,
} from '../../packages/testkit/src/kafka/differential/known-differences.ts';
import { Peer } from '../../packages/testkit/src/kafka/differential/peer.ts';
import {
  type DrawnApi,
  drawnScenario,
  type Scenario,
} from '../../packages/testkit/src/kafka/differential/scenario.ts';
import { RealKafka } from '../../packages/testkit/src/kafka/real-kafka.ts';

const dir = tempDir();
let real: RealKafka;
let broker: Broker;
let kafka: Peer;
let millrace: Peer;
const met = new Set<unknown>();
const asked = new Set<string>();

beforeAll(async () => {
  const settings = {
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.num.partitions': 1,
    'auto.create.topics.enable': false,
    // The records are of 2020: Kafka shall not begin to look for old ones meanwhile.
    'log.initial.task.delay.ms': 3_600_000,
  };
  [real, broker] = await Promise.all([
    RealKafka.start({ settings }),
    Broker.start({ dataDir: dir.join('data'), autoCreateTopics: false }),
  ]);
  kafka = new Peer(real.port(), true);
  millrace = new Peer(broker.port, false);
  await Promise.all([kafka.begin(), millrace.begin()]);
});
afterAll(async () => {
  kafka?.[Symbol.dispose]();
  millrace?.[Symbol.dispose]();
  await broker?.stop();
  await real?.[Symbol.asyncDispose]();
  dir[Symbol.dispose]();
});

/** Plays a scenario to both, and returns what differs and is not listed. */
async function play(scenario: Scenario): Promise<Difference[]> {
  await Promise.all([scenario.run(kafka), scenario.run(millrace)]);
  const answers = kafka.take();
  for (const { api, version } of answers) asked.add(`${api} ${version}`);
  return compareExchanges(scenario.name, answers, millrace.take()).filter((difference) => {
    const known = knownBy(difference);
    met.add(known);
    return known === undefined;
  });
}

async function playAll(scenarios: readonly Scenario[]): Promise<string> {
  const told: string[] = [];
  for (const scenario of scenarios) told.push(...(await play(scenario)).map(tellDifference));
  return told.slice(0, 40).join('\n');
}

/** Every API and the versions of it that are served; that of groups first, before others leave some behind. */
function drawnApis(): DrawnApi[] {
  const nameOf = new Map(Object.entries(messages).map(([name, { apiKey }]) => [apiKey, name as ApiName]));
  const apis = servedVersions().map(({ apiKey, minVersion, maxVersion }): DrawnApi => {
    const api = nameOf.get(apiKey)!;
    const { min } = messages[api].validVersions;
    const first = Math.max(minVersion, min);
    return { api, apiKey, versions: Array.from({ length: maxVersion - first + 1 }, (_, i) => first + i) };
  });
  return apis.toSorted((a, b) => Number(b.api === 'listGroups') - Number(a.api === 'listGroups'));
}

describe('the embedded broker answers as Kafka does, but for what is listed', () => {
  it.each(directedScenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    async (_, scenario) => {
      expect(await playAll([scenario])).toBe('');
    },
  );

  it('requests drawn over all APIs and versions', async () => {
    // The first round is the same in every run, so that the list can be held against it.
    const rounds = wholeNumber(process.env.MILLRACE_DIFFERENTIAL_ROUNDS) ?? 1;
    const later = seedOfRun('broker differential');
    const seeds = Array.from({ length: rounds }, (_, i) => (i === 0 ? 1 : later + i));
    const scenarios = drawnApis().flatMap((api) => seeds.map((seed) => drawnScenario(api, seed, 2)));
    expect(await playAll(scenarios)).toBe('');
  });

  it('every API and version was asked', () => {
    const served = drawnApis().flatMap(({ api, versions }) => versions.map((version) => `${api} ${version}`));
    expect(served.filter((each) => !asked.has(each))).toEqual([]);
  });

  it('what is listed still differs', () => {
    expect(knownDifferences.filter((known) => !met.has(known)).map(({ why }) => why)).toEqual([]);
  });
});
