/**
 * Agent configurations drawn from a seed: sources with several file groups, on one device or two, replicating or
 * multiplexing into channels of every kind, sinks alone or in groups; and, for each destination, which lines it must get.
 */
import { mkdirSync } from 'node:fs';
import { type Arrival, isPoisonLine, type Obligations, rolledArrivals } from './lines.ts';
import type { Chance } from './seed.ts';

type ChannelKind = 'memory' | 'file' | 'kafka';

/** A folder with tailed files. */
export interface DrawnGroup {
  readonly name: string;
  readonly dir: string;
  /** Its files' streams begin so. */
  readonly prefix: string;
  readonly otherDevice: boolean;
  /** The folder is not there at first. */
  readonly absentAtFirst: boolean;
  /** Channels that its lines must get to. */
  readonly channels: Set<string>;
}

/** Where the events of one channel end. */
export interface DrawnDestination {
  readonly channel: string;
  /** What the channel keeps them in. */
  readonly held: ChannelKind;
  /** Topic, or the folders of one sink or of a group. */
  readonly topic: string | null;
  readonly folders: readonly string[];
}

export interface Drawn {
  readonly text: string;
  /** The same in a few words. */
  readonly shape: string;
  readonly groups: readonly DrawnGroup[];
  readonly destinations: readonly DrawnDestination[];
}

export interface DrawOptions {
  readonly dir: string;
  readonly bootstrap: string;
  /** Nobody listens there. */
  readonly deadBootstrap: string;
  /** Whether the agent will be killed: what is in memory only must then be read again. */
  readonly kills: boolean;
}

const sizes = ['', '~mixed', '~poison'] as const;

export function drawConfiguration(chance: Chance, options: DrawOptions): Drawn {
  return new Drawing(chance, options).draw();
}

class Drawing {
  readonly #chance: Chance;
  readonly #options: DrawOptions;
  readonly #lines: string[] = [];
  readonly #shape: string[] = [];
  readonly #groups: DrawnGroup[] = [];
  readonly #destinations: DrawnDestination[] = [];
  readonly #sinks: string[] = [];
  readonly #sinkGroups: string[] = [];

  constructor(chance: Chance, options: DrawOptions) {
    this.#chance = chance;
    this.#options = options;
  }

  draw(): Drawn {
    const channels = this.#names('c', this.#chance.int(1, 3));
    const sources = this.#names('r', this.#chance.int(1, 2));
    for (const channel of channels) this.#channel(channel);
    for (const source of sources) this.#source(source, channels);
    this.#set('sources', sources.join(' '));
    this.#set('channels', channels.join(' '));
    this.#set('sinks', this.#sinks.join(' '));
    if (this.#sinkGroups.length > 0) this.#set('sinkgroups', this.#sinkGroups.join(' '));
    return {
      text: `${this.#lines.join('\n')}\n`,
      shape: this.#shape.join(', '),
      groups: this.#groups,
      destinations: this.#destinations,
    };
  }

  #names(prefix: string, count: number): string[] {
    return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
  }

  #set(key: string, value: string | number): void {
    this.#lines.push(`a1.${key} = ${value}`);
  }

  #source(source: string, channels: readonly string[]): void {
    const at = `sources.${source}`;
    this.#set(`${at}.type`, 'TAILDIR');
    this.#set(`${at}.channels`, channels.join(' '));
    this.#set(`${at}.positionFile`, `${this.#options.dir}/${source}-position.json`);
    this.#set(`${at}.batchSize`, this.#chance.pick([20, 100, 500]));
    this.#set(`${at}.fileHeader`, 'true');
    this.#set(`${at}.fileHeaderKey`, 'key');
    if (this.#options.kills) this.#set(`${at}.acknowledge`, 'delivered');
    const groups = Array.from({ length: this.#chance.int(1, 3) }, (_, i) => this.#group(source, i));
    this.#set(`${at}.filegroups`, groups.map(({ name }) => name).join(' '));
    for (const { name, dir, prefix } of groups) {
      this.#set(`${at}.filegroups.${name}`, `${dir}/${prefix}.*\\\\.log.*`);
      this.#set(`${at}.headers.${name}.lot`, name);
    }
    const multiplexing = channels.length > 1 && this.#chance.bool();
    if (multiplexing) this.#multiplexing(at, groups, channels);
    else for (const group of groups) for (const channel of channels) group.channels.add(channel);
    this.#shape.push(`${source}: ${groups.length} groups ${multiplexing ? 'multiplexed' : 'replicated'}`);
  }

  #group(source: string, i: number): DrawnGroup {
    const name = `f${i + 1}`;
    const otherDevice = this.#chance.bool(0.3);
    const group: DrawnGroup = {
      name,
      dir: `${this.#options.dir}/${otherDevice ? 'other' : 'in'}/${source}-${name}`,
      prefix: `${source}${name}${this.#chance.pick(sizes)}.`,
      otherDevice,
      absentAtFirst: this.#chance.bool(0.25),
      channels: new Set(),
    };
    this.#groups.push(group);
    return group;
  }

  #multiplexing(at: string, groups: readonly DrawnGroup[], channels: readonly string[]): void {
    this.#set(`${at}.selector.type`, 'multiplexing');
    this.#set(`${at}.selector.header`, 'lot');
    const byDefault = this.#chance.pick(channels);
    this.#set(`${at}.selector.default`, byDefault);
    for (const { name, channels: wanted } of groups) {
      if (this.#chance.bool(0.3)) {
        wanted.add(byDefault);
        continue;
      }
      for (const channel of channels) if (this.#chance.bool()) wanted.add(channel);
      if (wanted.size === 0) wanted.add(this.#chance.pick(channels));
      this.#set(`${at}.selector.mapping.${name}`, [...wanted].join(' '));
    }
  }

  #channel(name: string): void {
    const at = `channels.${name}`;
    const kind = this.#chance.pick(['memory', 'file', 'file', 'kafka'] as const);
    if (kind === 'memory') {
      this.#set(`${at}.type`, 'memory');
      this.#set(`${at}.capacity`, this.#chance.pick([1000, 10_000]));
      this.#set(`${at}.transactionCapacity`, 1000);
    } else if (kind === 'file') {
      this.#set(`${at}.type`, 'file');
      this.#set(`${at}.checkpointDir`, `${this.#options.dir}/${name}-checkpoint`);
      this.#set(`${at}.dataDirs`, `${this.#options.dir}/${name}-data`);
      this.#set(`${at}.minimumRequiredSpace`, 0);
      this.#set(`${at}.transactionCapacity`, 1000);
    } else {
      this.#set(`${at}.type`, 'org.apache.flume.channel.kafka.KafkaChannel');
      this.#set(`${at}.kafka.bootstrap.servers`, this.#options.bootstrap);
      this.#set(`${at}.kafka.topic`, `held-${name}`);
      this.#set(`${at}.kafka.consumer.group.instance.id`, `a1-${name}`);
      this.#set(`${at}.kafka.consumer.auto.offset.reset`, 'earliest');
      // Poison is for the sinks: a Kafka channel takes what its topic takes.
      this.#set(`${at}.kafka.producer.max.request.size`, 8_000_000);
    }
    this.#unit(name, kind);
  }

  #unit(channel: string, channelKind: ChannelKind): void {
    const kind = this.#chance.pick(['files', 'kafka'] as const);
    const count = this.#chance.pick([1, 2]);
    const names = Array.from({ length: count }, (_, i) => `${channel}k${i + 1}`);
    const folders: string[] = [];
    const dead = count === 2 && this.#chance.bool(0.5) ? this.#chance.int(0, 1) : -1;
    for (const [i, name] of names.entries()) {
      const at = `sinks.${name}`;
      this.#sinks.push(name);
      this.#set(`${at}.channel`, channel);
      this.#set(`${at}.refusedFile`, `${this.#options.dir}/refused/${name}.jsonl`);
      if (kind === 'files') {
        const folder = `${this.#options.dir}/out/${name}`;
        this.#set(`${at}.type`, 'file_roll');
        this.#set(`${at}.sink.directory`, i === dead ? '/proc/nowhere' : folder);
        this.#set(`${at}.sink.rollInterval`, 0);
        if (i !== dead) folders.push(folder);
      } else {
        this.#set(`${at}.type`, 'org.apache.flume.sink.kafka.KafkaSink');
        const { bootstrap, deadBootstrap } = this.#options;
        this.#set(`${at}.kafka.bootstrap.servers`, i === dead ? deadBootstrap : bootstrap);
        this.#set(`${at}.kafka.topic`, `out-${channel}`);
        this.#set(`${at}.kafka.producer.acks`, 'all');
        if (i === dead) this.#set(`${at}.kafka.producer.max.block.ms`, 1000);
        if (i === dead) this.#set(`${at}.kafka.producer.delivery.timeout.ms`, 2000);
        if (i === dead) this.#set(`${at}.kafka.producer.request.timeout.ms`, 1000);
      }
    }
    let grouping = '';
    if (count === 2) {
      const group = `g${channel}`;
      grouping = this.#chance.pick(['failover', 'load_balance'] as const);
      this.#sinkGroups.push(group);
      this.#set(`sinkgroups.${group}.sinks`, names.join(' '));
      this.#set(`sinkgroups.${group}.processor.type`, grouping);
      if (grouping === 'failover') {
        for (const [i, name] of names.entries())
          this.#set(`sinkgroups.${group}.processor.priority.${name}`, 10 - i);
        this.#set(`sinkgroups.${group}.processor.maxpenalty`, 2000);
      } else this.#set(`sinkgroups.${group}.processor.backoff`, 'true');
    }
    const deadText = dead >= 0 ? `, ${names[dead]} dead` : '';
    this.#shape.push(`${channel}: ${channelKind} → ${kind}${grouping && ` (${grouping}${deadText})`}`);
    const topic = kind === 'kafka' ? `out-${channel}` : null;
    this.#destinations.push({ channel, held: channelKind, topic, folders });
  }
}

/** Makes what must be there before the agent starts. */
export function makeFolders(drawn: Drawn): void {
  for (const { dir, absentAtFirst } of drawn.groups) if (!absentAtFirst) mkdirSync(dir, { recursive: true });
  for (const { folders } of drawn.destinations)
    for (const dir of folders) mkdirSync(dir, { recursive: true });
}

/** What one destination must have of all that was written. */
export function obligationsAt(
  destination: DrawnDestination,
  drawn: Drawn,
  written: ReadonlyMap<DrawnGroup, Obligations>,
): Obligations {
  const wanted = drawn.groups.filter(({ channels }) => channels.has(destination.channel));
  return new Map(wanted.flatMap((group) => [...(written.get(group) ?? [])]));
}

/** Lines of some obligations that no Kafka request of default size can hold. */
export function poisonIn(obligations: Obligations): Set<string> {
  const poison = new Set<string>();
  for (const [stream, count] of obligations) {
    for (let number = 0; number < count; number++) {
      if (isPoisonLine(stream, number)) poison.add(`${stream}#${number}`);
    }
  }
  return poison;
}

/** What a sink or a group wrote; each folder is a lane of its own. */
export function* folderArrivals(folders: readonly string[]): Generator<Arrival> {
  for (const folder of folders) {
    for (const { line } of rolledArrivals(folder)) yield { line, lane: folder };
  }
}
