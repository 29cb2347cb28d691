import { lookup, lookupService } from 'node:dns/promises';
import { Deadline, late } from '../runtime/deadline.ts';
import { javaAddress } from './peer.ts';

/** How names are asked for; the system's resolver, `/etc/hosts` included. */
export interface Resolver {
  nameOf(address: string): Promise<string>;
  addressesOf(name: string): Promise<readonly string[]>;
}

const systemResolver: Resolver = {
  nameOf: async (address) => (await lookupService(address, 0)).hostname,
  addressesOf: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
};

const patienceMs = 5000;
const rememberedMs = 60_000;
const mostRemembered = 1000;
/** Who comes when so many wait already is known by his address. */
const mostWaiting = 1000;

interface Known {
  readonly name: string;
  readonly untilMs: number;
}

/**
 * Names of peers as Java's `getHostName` finds them: a name counts only where it stands for the address in turn, since
 * whoever owns an address may give it any name; else the address is the name. One question at a time, because each
 * takes one of the few threads that also serve files.
 */
export class HostNames {
  readonly #resolver: Resolver;
  readonly #known = new Map<string, Known>();
  readonly #asked = new Map<string, Promise<string>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(resolver: Resolver = systemResolver) {
    this.#resolver = resolver;
  }

  /** Never rejects; takes 5 s for each that is asked before at the most. `address`: as `javaAddress` writes it. */
  nameOf(address: string): Promise<string> | string {
    const known = this.#known.get(address);
    if (known !== undefined && known.untilMs > performance.now()) return known.name;
    const asked = this.#asked.get(address);
    if (asked !== undefined) return asked;
    if (this.#asked.size >= mostWaiting) return address;
    const asking = this.#last.then(() => this.#ask(address));
    this.#asked.set(address, asking);
    this.#last = asking;
    return asking;
  }

  async #ask(address: string): Promise<string> {
    const found = await Deadline.in(patienceMs).race(this.#resolve(address).catch(() => address));
    const name = found === late ? address : found;
    this.#asked.delete(address);
    if (this.#known.size >= mostRemembered) this.#known.clear();
    this.#known.set(address, { name, untilMs: performance.now() + rememberedMs });
    return name;
  }

  async #resolve(address: string): Promise<string> {
    const name = await this.#resolver.nameOf(address);
    const addresses = await this.#resolver.addressesOf(name);
    return addresses.some((each) => javaAddress(each) === address) ? name : address;
  }
}

/** Those of this process. */
export const hostNames = new HostNames();
