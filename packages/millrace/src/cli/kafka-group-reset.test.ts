import { describe, expect, it } from 'vitest';
import { parseDateTime, parseDuration } from './kafka-group-reset.ts';

describe('parseDateTime', () => {
  it.each([
    ['2026-01-02T03:04:05.678', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['2026-01-02T03:04:05', Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['2026-01-02T03:04:05.678Z', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
    ['2026-01-02T03:04:05.678+0200', Date.UTC(2026, 0, 2, 1, 4, 5, 678)],
    ['2026-01-02T03:04:05.678-05', Date.UTC(2026, 0, 2, 8, 4, 5, 678)],
    ['2026-01-02T03:04:05.678+05:30', Date.UTC(2026, 0, 1, 21, 34, 5, 678)],
  ])('%s', (text, ms) => {
    expect(parseDateTime(text)).toBe(ms);
  });

  it.each(['yesterday', '2026-01-02', '2026-13-02T03:04:05', ''])('refuses %j', (text) => {
    expect(() => parseDateTime(text)).toThrow('--to-datetime takes');
  });
});

describe('parseDuration', () => {
  it.each([
    ['P1D', 86_400_000],
    ['PT1H', 3_600_000],
    ['P1DT2H3M4.5S', 93_784_500],
    ['PT-30M', -1_800_000],
    ['-PT30M', -1_800_000],
    ['pt0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['P', 'PT', '1D', 'P1H', 'P1DT', '5m'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow('--by-duration takes');
  });
});
