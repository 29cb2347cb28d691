import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { errorText } from '../runtime/errors.ts';
import { pause } from '../runtime/timers.ts';
import { flumeMetrics } from './flume-metrics.ts';
import { gangliaPackets, largestPacket } from './ganglia-packets.ts';
import type { ThreadState } from './threads.ts';

export interface GangliaPlan {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly pollMs: number;
  /** Packets of 3.0 instead of 3.1. */
  readonly isGanglia3: boolean;
}

export interface GangliaOptions extends GangliaPlan {
  state(): Promise<ThreadState>;
  /** Tells whoever sits at the terminal. */
  tell(text: string): void;
}

/**
 * Sends every counter of every component to Ganglia's daemons over UDP: at once, then `pollMs` after each time. A host
 * that can't be found or reached is told once, and tried again each time; its names are looked up anew.
 */
export class GangliaReporter {
  readonly #options: GangliaOptions;
  readonly #abort = new AbortController();
  readonly #sockets = new Map<4 | 6, Socket>();
  readonly #told = new Set<string>();

  constructor(options: GangliaOptions) {
    this.#options = options;
  }

  start(): void {
    void this.#run(this.#abort.signal);
  }

  /** Ends at once: a look-up of a name that is under way may take long, and is nobody's any more. */
  stop(): void {
    this.#abort.abort();
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#report();
      } catch (error) {
        this.#tellOnce(`metrics for Ganglia can't be had: ${errorText(error)}`);
      }
      await pause(this.#options.pollMs, signal);
    }
  }

  async #report(): Promise<void> {
    const { hosts, isGanglia3, state } = this.#options;
    const packets: Buffer[] = [];
    for (const [component, attributes] of Object.entries(flumeMetrics((await state()).metrics))) {
      for (const [attribute, value] of Object.entries(attributes)) {
        const name = `flume.${component}.${attribute}`;
        const both = gangliaPackets({ name, value }, hostname(), isGanglia3);
        if (both.every(({ length }) => length <= largestPacket)) packets.push(...both);
        else this.#tellOnce(`Ganglia takes no name as long as ${name.slice(0, 100)}…; it is left out`);
      }
    }
    for (const { host, port } of hosts) {
      try {
        const { address, family } = await lookup(host);
        if (this.#abort.signal.aborted) return;
        const socket = this.#socket(family === 6 ? 6 : 4);
        for (const packet of packets) await send(socket, packet, port, address);
        this.#told.delete(`${host}:${port}`);
      } catch (error) {
        const what = `${host}:${port}`;
        if (this.#abort.signal.aborted) return;
        if (!this.#told.has(what))
          this.#options.tell(`Could not send metrics to metrics server: ${what}: ${errorText(error)}`);
        this.#told.add(what);
      }
    }
  }

  #socket(family: 4 | 6): Socket {
    const there = this.#sockets.get(family);
    if (there !== undefined) return there;
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.on('error', () => {}); // each send has its own answer
    socket.unref();
    this.#sockets.set(family, socket);
    return socket;
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text) || this.#abort.signal.aborted) return;
    this.#told.add(text);
    this.#options.tell(text);
  }
}

function send(socket: Socket, packet: Buffer, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(packet, port, address, (error) => (error === null ? resolve() : reject(error)));
  });
}
