import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { Deadline, late } from '../runtime/deadline.ts';
import { errorText } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import { every, nextTurn, pause, type Timer } from '../runtime/timers.ts';
import { DatagramQueue } from './datagram-queue.ts';
import { kernelDrops } from './kernel-drops.ts';
import { type ListenOptions, listenFailure } from './listen.ts';
import { javaAddress, type Peer } from './peer.ts';

export interface DatagramServerOptions {
  /** For messages: `source r1`. */
  readonly component: string;
  readonly log: Logger;
  /** What may wait to be served, each datagram with 256 bytes for itself; what comes then is dropped. */
  readonly maxWaitingBytes: number;
  /**
   * What the system is asked to keep for this socket (SO_RCVBUF), bytes; it may give less, which is told. Absent: 4 MiB or
   * what the system allows.
   */
  readonly receiveBufferBytes?: number | undefined;
  /**
   * Serves what waits, or a part of it; called again while something waits, one call at a time. What it takes is its
   * own, and lost or not by what it does. `abandoned`: to give up what it holds. A rejection is logged.
   */
  serve(waiting: DatagramQueue, abandoned: AbortSignal): Promise<void>;
  /** So many datagrams were dropped: here, because the queue was full, or by the system before they got here. */
  onDropped(count: number, where: 'here' | 'system'): void;
}

const usualReceiveBuffer = 4 * 1024 * 1024;
/** Until a service that took nothing is called again. */
const untakenPauseMs = 1000;
/** Drops are looked for and told so often, not each. */
const lookMs = 5000;

/**
 * The door of a service over UDP. Nobody who sends a datagram learns whether it arrived, so what can't be kept is lost;
 * this says how much: what came while the queue was full, and what the system dropped because its own buffer was full
 * (Linux tells that). Both are counted and told every 5 s at most.
 *
 * Promises: memory is bounded by the queue; what a peer sends ends nothing; a datagram that was received is served, or
 * counted as dropped; a stop serves what the system has received until then, as far as the deadline goes.
 */
export class DatagramServer {
  readonly #options: DatagramServerOptions;
  readonly #waiting: DatagramQueue;
  readonly #abandoned = new AbortController();
  #socket: Socket | null = null;
  #looking: Timer | null = null;
  #serving: Promise<void> | null = null;
  /** The peer of the last datagram: the next one's is likely the same. */
  #peer: Peer = { address: '', port: 0 };
  #peerText = '';
  #received = 0;
  #bound = { family: 4 as 4 | 6, port: 0 };
  /** Since what was dropped was last told. */
  #droppedHere = 0;
  #droppedBySystem = 0;
  /** The system's count up to now. */
  #systemDrops = 0;

  constructor(options: DatagramServerOptions) {
    this.#options = options;
    this.#waiting = new DatagramQueue(options.maxWaitingBytes);
  }

  /** Receives on a port; resolves with it. Throws `ADDRESS_IN_USE`, `SOURCE_FAILED`. `host` absent: every address. */
  async listen(host: string | undefined, port: number, portOption = 'port'): Promise<number> {
    const { component, log } = this.#options;
    const options: ListenOptions = { ...(host === undefined ? {} : { host }), port, component, portOption };
    const bound = await this.#bind(options);
    this.#socket = bound;
    bound.on('error', (error) => log.error(`${component}: ${error.message}`, { error }));
    bound.on('message', (bytes, from) => this.#receive(bytes, from));
    this.#setBuffer(bound);
    const address = bound.address();
    this.#bound = { family: address.family === 'IPv6' ? 6 : 4, port: address.port };
    this.#systemDrops = await kernelDrops(this.#bound);
    this.#looking = every(lookMs, () => void this.#look(), { background: true });
    log.info(`${component} receives datagrams on ${host ?? '*'}:${address.port}`, {
      host: host ?? '*',
      port: address.port,
    });
    return address.port;
  }

  /**
   * Ends everything: what the system has received is taken from it, the port is given back, and what waits is served as
   * far as the deadline goes. Then `abandoned` aborts, and what still waits is dropped.
   */
  async stop(deadline: Deadline = Deadline.never()): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    await this.#takeRest(socket, deadline);
    this.#socket = null;
    this.#looking?.cancel();
    await this.#look();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    while (this.#serving !== null) {
      if ((await deadline.race(this.#serving)) !== late) continue;
      this.#dropped(this.#waiting.clear(), 'here');
      this.#abandoned.abort();
      await this.#serving;
    }
    this.#tell();
  }

  /** Where a machine has no IPv6, every address is every IPv4 address. */
  async #bind(options: ListenOptions): Promise<Socket> {
    const { host, port } = options;
    if (host === undefined) return await bind(6, '::', port).catch(() => bindOrFail(4, '0.0.0.0', options));
    const address = await lookup(host).then(
      (found) => found.address,
      (error) => {
        throw listenFailure(error, options);
      },
    );
    return await bindOrFail(isIPv6(address) ? 6 : 4, address, options);
  }

  #setBuffer(socket: Socket): void {
    const { component, log, receiveBufferBytes } = this.#options;
    try {
      socket.setRecvBufferSize(receiveBufferBytes ?? usualReceiveBuffer);
    } catch (error) {
      log.debug(`${component}: its receive buffer can't be set: ${errorText(error)}`);
    }
    if (receiveBufferBytes === undefined) return;
    // Linux keeps twice what was asked for, for its own bookkeeping, and says so.
    const got = socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1);
    if (got < receiveBufferBytes)
      log.warn(
        `${component}: the system keeps ${got} bytes of what arrives, not the ${receiveBufferBytes} of receiveBufferBytes (Linux: sysctl net.core.rmem_max)`,
      );
  }

  #receive(bytes: Buffer, from: RemoteInfo): void {
    this.#received += bytes.length + 1;
    if (from.port !== this.#peer.port || from.address !== this.#peerText) {
      this.#peerText = from.address;
      this.#peer = { address: javaAddress(from.address), port: from.port };
    }
    if (!this.#waiting.add(bytes, this.#peer)) this.#dropped(1, 'here');
    this.#serving ??= this.#serve();
  }

  async #serve(): Promise<void> {
    const { component, log, serve } = this.#options;
    // All that has come in this turn goes together.
    await nextTurn();
    while (!this.#waiting.isEmpty) {
      const before = this.#waiting.taken;
      try {
        await serve(this.#waiting, this.#abandoned.signal);
      } catch (error) {
        log.error(`${component}: ${errorText(error)}`, { error });
      }
      // What is not taken is there again at once: it must not keep all else from its turn, nor fill the log.
      if (this.#waiting.taken === before) await pause(untakenPauseMs, this.#abandoned.signal);
    }
    this.#serving = null;
  }

  /** What the system holds comes in the next turns; a sender that never stops is not waited for. */
  async #takeRest(socket: Socket, deadline: Deadline): Promise<void> {
    const most = this.#received + socket.getRecvBufferSize();
    for (let before = -1; before !== this.#received && this.#received < most && !deadline.passed; ) {
      before = this.#received;
      await nextTurn();
      await nextTurn();
    }
  }

  async #look(): Promise<void> {
    const drops = await kernelDrops(this.#bound);
    if (drops > this.#systemDrops) this.#dropped(drops - this.#systemDrops, 'system');
    this.#systemDrops = drops;
    this.#tell();
  }

  #dropped(count: number, where: 'here' | 'system'): void {
    if (count === 0) return;
    if (where === 'here') this.#droppedHere += count;
    else this.#droppedBySystem += count;
    this.#options.onDropped(count, where);
  }

  #tell(): void {
    const { component, log, maxWaitingBytes } = this.#options;
    if (this.#droppedHere > 0)
      log.error(
        `${component}: ${this.#droppedHere} datagrams are lost: the channels did not take them in time, and ${maxWaitingBytes} bytes waited already (maxWaitingBytes)`,
      );
    if (this.#droppedBySystem > 0)
      log.error(
        `${component}: ${this.#droppedBySystem} datagrams are lost: the system dropped them, its receive buffer was full (receiveBufferBytes)`,
      );
    this.#droppedHere = 0;
    this.#droppedBySystem = 0;
  }
}

async function bindOrFail(family: 4 | 6, address: string, options: ListenOptions): Promise<Socket> {
  try {
    return await bind(family, address, options.port);
  } catch (error) {
    throw listenFailure(error as Error, options);
  }
}

function bind(family: 4 | 6, address: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ port, address }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
