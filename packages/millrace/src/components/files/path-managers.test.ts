import { describe, expect, it } from 'vitest';
import { defaultPathManager } from './default-path-manager.ts';
import { rollTimePathManager } from './rolltime-path-manager.ts';

describe('names of rolling files', () => {
  const directory = '/d';
  const options = { prefix: 'pp-', extension: 'txt' };

  it('DEFAULT: start of the series and a number', () => {
    const clock = { now: 1795350722291 };
    const path = defaultPathManager.create({ directory, options, now: () => clock.now });
    expect([path.current(), path.current()]).toEqual([
      '/d/pp-1795350722291-1.txt',
      '/d/pp-1795350722291-1.txt',
    ]);
    clock.now += 5000;
    path.rotate();
    expect(path.current()).toBe('/d/pp-1795350722291-2.txt');
  });

  it('ROLLTIME: local time, numbered within the second', () => {
    const clock = { now: new Date(2026, 10, 22, 12, 32, 10).getTime() };
    const path = rollTimePathManager.create({
      directory,
      options: { ...options, extension: '' },
      now: () => clock.now,
    });
    const names: string[] = [];
    for (const step of [0, 500, 1000]) {
      clock.now += step;
      names.push(path.current());
      path.rotate();
    }
    expect(names).toEqual(['/d/pp-20261122123210-1', '/d/pp-20261122123210-2', '/d/pp-20261122123211-1']);
  });
});
