/** CPU time and memory of running processes, read from /proc. Linux only; a process that is gone gives null. */
import { readdirSync, readFileSync } from 'node:fs';
import { clearInterval, setInterval as repeat } from 'node:timers';

/** Kernel clock ticks in a second: USER_HZ, 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Stat {
  readonly parentPid: number;
  /** User and system time of the process itself, all threads, seconds. */
  readonly ownCpuSeconds: number;
  /** The same of its children that have ended and were waited for. */
  readonly endedChildrenCpuSeconds: number;
}

function readStat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything, so fields count from the last parenthesis: state is field 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const at = (field: number) => Number(fields[field - 3]);
    return {
      parentPid: at(4),
      ownCpuSeconds: (at(14) + at(15)) / ticksPerSecond,
      endedChildrenCpuSeconds: (at(16) + at(17)) / ticksPerSecond,
    };
  } catch {
    return null;
  }
}

/** User and system time in seconds since the process began, 10 ms steps, with its ended children. */
export function cpuSeconds(pid: number): number | null {
  const stat = readStat(pid);
  return stat && stat.ownCpuSeconds + stat.endedChildrenCpuSeconds;
}

/** The same for a process and everything below it that runs now. */
export function cpuSecondsOfTree(pid: number): number | null {
  const own = cpuSeconds(pid);
  if (own === null) return null;
  return childPids(pid).reduce((sum, child) => sum + (cpuSecondsOfTree(child) ?? 0), own);
}

/** CPU seconds of all children of this process that have ended: the difference around a run is that run's cost. */
export function endedChildrenCpuSeconds(): number {
  return readStat(process.pid)?.endedChildrenCpuSeconds ?? 0;
}

export function childPids(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && readStat(Number(name))?.parentPid === pid)
    .map(Number);
}

export interface Memory {
  readonly rssBytes: number;
  /** The most it ever had resident. */
  readonly peakRssBytes: number;
}

export function memoryOf(pid: number): Memory | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kib = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? Number.NaN);
    const rssBytes = kib('VmRSS') * 1024;
    return Number.isNaN(rssBytes) ? null : { rssBytes, peakRssBytes: kib('VmHWM') * 1024 };
  } catch {
    return null;
  }
}

/** The figures of one process, kept after it has ended. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** Looks at a process every `everyMs` until stopped; the last look survives the process. */
export class FigureSampler implements Disposable {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #cpuSeconds = 0;
  #peakRssBytes = 0;

  constructor(pid: number, everyMs = 50) {
    this.#pid = pid;
    this.sample();
    this.#timer = repeat(() => this.sample(), everyMs);
    this.#timer.unref();
  }

  sample(): ProcessFigures {
    this.#cpuSeconds = Math.max(this.#cpuSeconds, cpuSeconds(this.#pid) ?? 0);
    this.#peakRssBytes = Math.max(this.#peakRssBytes, memoryOf(this.#pid)?.peakRssBytes ?? 0);
    return { cpuSeconds: this.#cpuSeconds, peakRssBytes: this.#peakRssBytes };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
