import { expect, test } from 'vitest';
import { SyslogMessage } from './message.ts';
import { PositionParser } from './positions.ts';

// As Flume 1.11 has them.
test.each([
  ['<13>Hello World  h\u00f4st\u00e9 \u00e0\r', 't\u00e9', '\u00e0\r'],
  ['<191>1 Hello World h\u00f4st x', '', 'x'],
  ['<0>Hello World  h\u00f4st - -\r', 't', '- -\r'],
  ['<1234>Hello World  -\u00e9 \u00e0', null, null],
  ['<1>Hello World \u{1f600}\u20ac\u00e9h b', 'h', 'b'],
  ['<1>-\u00e9h b', 'h', 'b'],
  ['<1>-\u00e9', null, null],
  ['<1>Jan  1 10:11:12 h b', 'h', 'b'],
])('%j: the host by characters', (text, host, body) => {
  const bytes = Buffer.from(`x${text}y`);
  const message = new SyslogMessage();
  new PositionParser(() => 0).parse(bytes, 1, bytes.length - 1, message);
  expect(message.understood).toBe(host !== null);
  if (host === null) return;
  expect(bytes.toString('utf8', message.hostFrom, message.hostTo)).toBe(host);
  expect(bytes.toString('utf8', message.bodyFrom, message.bodyTo)).toBe(body);
});
