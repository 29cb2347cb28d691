/**
 * Configurations drawn from a seed, under faults drawn from it: several sources, groups, devices, channels, selectors and
 * sink groups, small and poisonous events, folders that come late and go away, files that can't be read for a while.
 * Every line arrives wherever its configuration sends it; those that a destination never takes are set aside, once.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type TempDir, tempDir } from '../../packages/testkit/src/files/temp-dir.ts';
import { tmpfs } from '../../packages/testkit/src/files/tmpfs.ts';
import { kcatConsumeAll } from '../../packages/testkit/src/kafka/kcat.ts';
import {
  type Drawn,
  type DrawnDestination,
  type DrawnGroup,
  drawConfiguration,
  folderArrivals,
  makeFolders,
  obligationsAt,
  poisonIn,
} from '../../packages/testkit/src/oracle/draw.ts';
import { topicArrivals } from '../../packages/testkit/src/oracle/kafka.ts';
import { type Arrival, faultsOf, judge, type Obligations } from '../../packages/testkit/src/oracle/lines.ts';
import { lastingPort } from '../../packages/testkit/src/oracle/port.ts';
import type { Program } from '../../packages/testkit/src/oracle/program.ts';
import { agentProgram, brokerProgram } from '../../packages/testkit/src/oracle/programs.ts';
import { setAsideLines } from '../../packages/testkit/src/oracle/refused.ts';
import { type Chance, chanceOf, roundsOr } from '../../packages/testkit/src/oracle/seed.ts';
import { arrivedOrStill, BusyWriters, killRounds } from '../../packages/testkit/src/oracle/tailing.ts';

const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

/** Everything below a folder is everybody's, so that the agent can be a user whom permissions mean something to. */
function everybodys(dir: string): void {
  execFileSync('chmod', ['-R', 'a+rwX', dir]);
}

class Run implements AsyncDisposable {
  readonly dir: TempDir;
  readonly drawn: Drawn;
  readonly programs: readonly Program[];
  readonly #writers: ReadonlyMap<DrawnGroup, BusyWriters>;
  readonly #bootstrap: string;
  #written: ReadonlyMap<DrawnGroup, Obligations> = new Map();

  constructor(dir: TempDir, drawn: Drawn, programs: readonly Program[], bootstrap: string, chance: Chance) {
    this.dir = dir;
    this.drawn = drawn;
    this.programs = programs;
    this.#bootstrap = bootstrap;
    this.#writers = new Map(
      drawn.groups.map((group) => [
        group,
        new BusyWriters(group.dir, chance.fork(), { files: 2, pauseMs: 50, prefix: group.prefix }),
      ]),
    );
  }

  async start(): Promise<void> {
    for (const program of this.programs) await program.start();
    for (const writers of this.#writers.values()) writers.start();
  }

  /** What happens to files and folders meanwhile; ends with everything in its place. */
  async disturb(chance: Chance, times: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      await sleep(chance.int(100, 600));
      const group = chance.pick(this.drawn.groups);
      if (!existsSync(group.dir)) {
        mkdirSync(group.dir, { recursive: true });
        everybodys(group.dir);
      } else if (chance.bool()) await unreadableFor(group.dir, chance.int(100, 1500), chance);
      else await awayFor(group.dir, chance.int(100, 1500));
    }
    for (const { dir } of this.drawn.groups) {
      mkdirSync(dir, { recursive: true });
      everybodys(dir);
    }
  }

  async endWriting(): Promise<void> {
    const written = new Map<DrawnGroup, Obligations>();
    for (const [group, writers] of this.#writers) written.set(group, (await writers.stop()).obligations);
    this.#written = written;
  }

  /** Faults of every destination, once nothing more comes; so many doubles are none for each stage before one. */
  async faults(allowDoubles: number): Promise<string[]> {
    await arrivedOrStill(() => this.#folderLines(), Number.POSITIVE_INFINITY, 12_000);
    await this.#untilTopicsAreStill();
    await this.programs[1]!.stop();
    const faults: string[] = [];
    for (const destination of this.drawn.destinations) {
      const stages = destination.held === 'kafka' ? 2 : 1;
      const found = await this.#faultsAt(destination, allowDoubles * stages);
      faults.push(...found.map((fault) => `${destination.channel}: ${fault}`));
    }
    return faults;
  }

  async #faultsAt(destination: DrawnDestination, allowDoubles: number): Promise<string[]> {
    const all = obligationsAt(destination, this.drawn, this.#written);
    const verdict = judge(all, await this.#arrivals(destination));
    if (destination.topic === null) return faultsOf(verdict, { allowDoubles });
    const poison = poisonIn(all);
    const aside = setAsideLines(this.dir.join('refused'), destination.channel);
    const neither = [...poison].filter((line) => !aside.has(line));
    const others = [...aside.keys()].filter((line) => !poison.has(line));
    return [
      ...faultsOf(
        { ...verdict, missing: verdict.missing.filter((line) => !poison.has(line)) },
        { allowDoubles },
      ),
      ...(neither.length > 0
        ? [`${neither.length} poisonous lines not set aside: ${neither.slice(0, 3)}`]
        : []),
      ...(others.length > 0 ? [`${others.length} sound lines set aside: ${others.slice(0, 3)}`] : []),
    ];
  }

  async #arrivals({ topic, folders }: DrawnDestination): Promise<Iterable<Arrival>> {
    if (topic === null) return folderArrivals(folders);
    return topicArrivals(await kcatConsumeAll(this.#bootstrap, topic).catch(() => []));
  }

  #folderLines(): number {
    let bytes = 0;
    for (const folder of this.drawn.destinations.flatMap(({ folders }) => folders)) {
      for (const arrival of folderArrivals([folder])) bytes += arrival.line.length;
    }
    return bytes;
  }

  async #untilTopicsAreStill(): Promise<void> {
    for (const destination of this.drawn.destinations) {
      if (destination.topic === null) continue;
      const wanted = obligationsAt(destination, this.drawn, this.#written);
      const poison = poisonIn(wanted).size;
      for (let last = -1; ; ) {
        const { missing, arrived } = judge(wanted, await this.#arrivals(destination));
        if (missing.length <= poison || arrived === last) break;
        last = arrived;
        await sleep(6_000);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const writers of this.#writers.values()) await writers.stop().catch(() => {});
    for (const program of [...this.programs].reverse()) await program[Symbol.asyncDispose]();
  }
}

/** By descriptor, because a writer may rename the file meanwhile: it is the same file that can be read again. */
async function unreadableFor(dir: string, ms: number, chance: Chance): Promise<void> {
  const files = readdirSync(dir).map((name) => join(dir, name));
  const wanted = chance.bool(0.3) ? [dir] : files.filter(() => chance.bool());
  const held = wanted.map((path) => ({ fd: openSync(path, 'r'), mode: path === dir ? 0o777 : 0o666 }));
  try {
    for (const { fd } of held) fchmodSync(fd, 0);
    await sleep(ms);
    for (const { fd, mode } of held) fchmodSync(fd, mode);
  } finally {
    for (const { fd } of held) closeSync(fd);
  }
}

async function awayFor(dir: string, ms: number): Promise<void> {
  renameSync(dir, `${dir}-away`);
  await sleep(ms);
  renameSync(`${dir}-away`, dir);
}

/** Of one seed, the source of chance of the configuration with this number. */
function drawNumber(i: number, chance: Chance): Chance {
  for (let before = 0; before < i; before++) chance.fork();
  return chance.fork();
}

/**
 * Kills may double what was under way: a tenth of Flume's 2,687 for each kill, destination and stage that reads again what
 * had not arrived. The source is one (`acknowledge = delivered`), a Kafka channel, whose group commits behind the sink, another.
 */
const doublesPerKill = 270;

test.each(Array.from({ length: roundsOr(3) }, (_, i) => i))('drawn configuration %i', async (i) => {
  await using dir = tempDir('millrace-drawn-');
  const chance = drawNumber(i, chanceOf(`drawn configuration ${i}`));
  const kills = chance.bool();
  mkdirSync(dir.join('other'));
  using _disk = tmpfs(dir.join('other'), 256);
  const [port, deadPort] = [await lastingPort(), await lastingPort()];
  const bootstrap = `127.0.0.1:${port}`;
  const drawn = drawConfiguration(chance, {
    dir: dir.path,
    bootstrap,
    deadBootstrap: `127.0.0.1:${deadPort}`,
    kills,
  });
  console.log(`drawn ${i}: ${drawn.shape}; ${kills ? 'kills' : 'stops'}`);
  makeFolders(drawn);
  const configFile = dir.join('agent.conf');
  writeFileSync(configFile, drawn.text);
  everybodys(dir.path);
  const settings = ['--set', 'max.message.bytes=8388608'];
  const broker = brokerProgram(dir.join('broker'), port, { args: settings });
  const agent = agentProgram(configFile, 'a1', { wrapper: nobody, args: ['--drain', '20'] });
  await using run = new Run(dir, drawn, [broker, agent], bootstrap, chance.fork());
  await run.start();
  const disturbing = run.disturb(chance.fork(), 12);
  const faults = chance.fork();
  if (kills) await killRounds([broker, agent], { rounds: 6, chance: faults });
  else await stops(agent, 4, faults);
  await disturbing;
  for (const program of run.programs) await program.ready();
  await run.endWriting();
  const allowed = kills ? doublesPerKill * (broker.kills + agent.kills) : 0;
  expect(await run.faults(allowed), `${drawn.shape}\n${drawn.text}`).toEqual([]);
});

async function stops(agent: Program, times: number, chance: Chance): Promise<void> {
  for (let time = 0; time < times; time++) {
    await sleep(chance.int(300, 2000));
    await agent.stop(chance.pick(['SIGTERM', 'SIGINT'] as const));
    await agent.start();
  }
}
