import { expect, it } from 'vitest';
import { shellWord } from './shell-words.ts';

it.each([
  ['tail -F /var/log/app.log | grep x', '|'],
  ['a && b', '&&'],
  ['a ; b', ';'],
  ['a; b', 'a;'],
  ['cat x > y', '>'],
  ['cat x 2>&1', '2>&1'],
  ['cat x >>y', '>>y'],
  ['tail -F /var/log/*.log', '/var/log/*.log'],
  ["grep 'a b' f", "'a"],
  ['grep "a" f', '"a"'],
  ['echo $HOME', '$HOME'],
  ['echo $(date)', '$(date)'],
  ['echo `date`', '`date`'],
  ['cat ~/x', '~/x'],
  ['sleep 1 &', '&'],
])('%s needs a shell for %s', (command, word) => {
  expect(shellWord(command)).toBe(word);
});

it.each([
  'tail -F /var/log/app.log',
  'curl http://h/?a=1&b=2',
  'journalctl -f -u x',
  'vmstat 1',
  'echo a=b c:d',
  '',
])('%s needs none', (command) => {
  expect(shellWord(command)).toBeUndefined();
});
