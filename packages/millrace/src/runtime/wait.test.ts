import { expect, test, vi } from 'vitest';
import { shownText, Wait } from './wait.ts';

test('a wait keeps its beginning while it is on, and its text is made when somebody looks', () => {
  vi.useFakeTimers({ now: 1000 });
  try {
    const wait = new Wait('held');
    expect(wait.report()).toBeNull();
    let made = 0;
    const text = () => `room ${++made}`;
    wait.begin(text);
    vi.setSystemTime(5000);
    wait.begin(text);
    expect(made).toBe(0);
    expect(wait.report()).toEqual({ kind: 'held', what: 'room 1', since: 1000 });
    wait.end();
    expect(wait.report()).toBeNull();
    wait.begin('again');
    expect(wait.report()?.since).toBe(5000);
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  ['two\n  lines\u001b[2J', 'two lines\\u001b[2J'],
  ['connect to https://joe:hunter2@host/x', 'connect to https://***@host/x'],
  ['password=hunter2, retried', 'password=***, retried'],
  ['{"token": "hunter2"}', '{"token": ***}'],
  ['x'.repeat(10_000), `${'x'.repeat(399)}…`],
])('%j is shown on one line, without secrets, in bounds', (text, shown) => {
  expect(shownText(text)).toBe(shown);
});
