import avsc from 'avsc';
import { describe, expect, it } from 'vitest';
import { NotAvro } from '../avro/not-avro.ts';
import { answers, readAnswer, readCall, writeCallHead, writeSystemError } from './call.ts';
import {
  readHandshakeRequest,
  readHandshakeResponse,
  writeHandshakeRequest,
  writeHandshakeResponse,
} from './handshake.ts';
import { protocolFault, protocolHash, protocolText } from './protocol.ts';

const hash = { type: 'fixed', name: 'MD5', size: 16 };
const meta = ['null', { type: 'map', values: 'bytes' }];
const request = avsc.Type.forSchema({
  type: 'record',
  name: 'HandshakeRequest',
  fields: [
    { name: 'clientHash', type: hash },
    { name: 'clientProtocol', type: ['null', 'string'] },
    { name: 'serverHash', type: 'MD5' },
    { name: 'meta', type: meta },
  ],
} as avsc.Schema);
const response = avsc.Type.forSchema({
  type: 'record',
  name: 'HandshakeResponse',
  fields: [
    { name: 'match', type: { type: 'enum', name: 'HandshakeMatch', symbols: ['BOTH', 'CLIENT', 'NONE'] } },
    { name: 'serverProtocol', type: ['null', 'string'] },
    { name: 'serverHash', type: ['null', hash] },
    { name: 'meta', type: meta },
  ],
} as avsc.Schema);

describe('the handshake', () => {
  it('is asked for as Avro has it, with the protocol where it is wanted', () => {
    const asked = { clientHash: protocolHash, serverHash: protocolHash, meta: null };
    expect(request.fromBuffer(writeHandshakeRequest(false))).toMatchObject({
      ...asked,
      clientProtocol: null,
    });
    expect(request.fromBuffer(writeHandshakeRequest(true))).toMatchObject({
      ...asked,
      clientProtocol: protocolText,
    });
  });

  it('is read as Avro writes it, meta and all, up to the call', () => {
    const clientHash = Buffer.alloc(16, 7);
    const serverHash = Buffer.alloc(16, 8);
    const bytes = request.toBuffer({
      clientHash,
      clientProtocol: 'p',
      serverHash,
      meta: { a: Buffer.from('bb') },
    });
    expect(readHandshakeRequest(Buffer.concat([bytes, Buffer.from('rest')]))).toEqual({
      clientHash,
      clientProtocol: 'p',
      serverHash,
      to: bytes.length,
    });
  });

  it.each(['BOTH', 'CLIENT', 'NONE'] as const)(
    'is answered with %s, and the own protocol where it is news',
    (match) => {
      const bytes = writeHandshakeResponse(match);
      const own = match === 'BOTH' ? null : protocolText;
      expect(response.fromBuffer(bytes)).toMatchObject({ match, serverProtocol: own, meta: null });
      expect(readHandshakeResponse(bytes)).toEqual({
        match,
        serverProtocol: own,
        to: bytes.length,
      });
    },
  );

  it('that is none is refused', () => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(20, 9), Buffer.alloc(100, 0xff)]) {
      expect(() => readHandshakeRequest(bytes)).toThrow(NotAvro);
      expect(() => readHandshakeResponse(bytes)).toThrow(NotAvro);
    }
  });
});

describe('calls and answers', () => {
  it('have a name behind their meta', () => {
    const head = writeCallHead('appendBatch');
    expect(readCall(Buffer.concat([Buffer.from('xx'), head, Buffer.from('yy')]), 2)).toEqual({
      message: 'appendBatch',
      to: 2 + head.length,
    });
    // a meta of one entry
    expect(readCall(Buffer.from([2, 2, 0x61, 4, 1, 2, 0, 2, 0x66]), 0)).toEqual({ message: 'f', to: 9 });
  });

  it('say what became of a call', () => {
    for (const status of ['OK', 'FAILED', 'UNKNOWN'] as const)
      expect(readAnswer(answers[status], 0)).toEqual({ status });
    expect(readAnswer(writeSystemError('it is ö'), 0)).toEqual({ error: 'it is ö' });
    expect(() => readAnswer(Buffer.from([0, 0, 8]), 0)).toThrow(NotAvro);
    expect(() => readAnswer(Buffer.from([0]), 0)).toThrow(NotAvro);
  });
});

describe('a protocol', () => {
  const changed = (from: string, to: string) => protocolText.replaceAll(from, to);

  it('is served where its calls are written as ours are, whatever its names', () => {
    expect(protocolFault(protocolText)).toBeNull();
    expect(protocolFault(changed('AvroFlumeEvent', 'Other'))).toBeNull();
    expect(
      protocolFault(
        changed('"type":"AvroFlumeEvent"', '"type":"org.apache.flume.source.avro.AvroFlumeEvent"'),
      ),
    ).toBeNull();
    expect(
      protocolFault(changed('"messages":{', '"messages":{"more":{"request":[],"response":"null"},')),
    ).toBeNull();
    const { appendBatch: _, ...append } = JSON.parse(protocolText).messages;
    expect(protocolFault(JSON.stringify({ ...JSON.parse(protocolText), messages: append }))).toBeNull();
  });

  it.each([
    ['no JSON', '{'],
    ['no messages', '{}'],
    ['no messages', 'null'],
    ['neither append', '{"messages":{}}'],
    ['append takes no record', changed('"values":"string"', '"values":"bytes"')],
    ['append takes no record', changed('"type":"bytes"', '"type":"string"')],
    [
      'append takes no record',
      changed('"request":[{"name":"event"', '"request":[{"name":"x","type":"int"},{"name":"event"'),
    ],
    ['appendBatch takes no array', changed('"type":"array"', '"type":"map"')],
  ])('is refused with the reason: %s', (reason, text) => {
    expect(protocolFault(text)).toContain(reason);
  });
});
