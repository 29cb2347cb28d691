import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one round cost, per event. */
interface Round {
  wallNs: number;
  cpuNs: number;
}

/** 206-byte access-log lines, the sample of all hot benchmarks. */
export function accessLog(lines: number): Buffer {
  const parts: string[] = [];
  for (let i = 0; i < lines; i++) {
    const start = `192.0.2.${i % 250} - - [22/Nov/2026:16:39:45 +0000] "GET /articles/${i}/comments?page=${i % 97} HTTP/1.1" 200 ${i % 50_000} "https://example.org/" "`;
    parts.push(`${start.padEnd(204, 'Mozilla/5.0 ')}"\n`);
  }
  return Buffer.from(parts.join(''), 'latin1');
}

/**
 * Times `run`, which handles `events` events a call: some rounds to warm up, then the given number. Prints the median
 * and the best and writes all rounds to `bench/results/hot-NAME.json`. CPU time is the steadier figure on a shared machine.
 */
export function measure(name: string, events: number, run: () => unknown, rounds = 15): void {
  const warmUntil = performance.now() + 500;
  while (performance.now() < warmUntil) run();
  const calls = Math.max(1, Math.round(500_000 / events));
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const cpu = process.cpuUsage();
    const start = process.hrtime.bigint();
    for (let call = 0; call < calls; call++) run();
    const wall = Number(process.hrtime.bigint() - start);
    const used = process.cpuUsage(cpu);
    const all = calls * events;
    measured.push({ wallNs: wall / all, cpuNs: ((used.user + used.system) * 1000) / all });
  }
  const column = (of: (round: Round) => number): string => {
    const sorted = measured.map(of).sort((a, b) => a - b);
    return `${sorted[sorted.length >> 1]!.toFixed(1)} (best ${sorted[0]!.toFixed(1)})`;
  };
  console.log(`${name.padEnd(40)} wall ${column((r) => r.wallNs)}  CPU ${column((r) => r.cpuNs)} ns/event`);
  const folder = join(import.meta.dirname, '..', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `hot-${name.replace(/ \(.*/, '').replaceAll(/[^a-z0-9]+/gi, '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ name, events, node: process.version, rounds: measured })}\n`);
}
