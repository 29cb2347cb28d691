/** Deliberate faults of Millrace (`oracle/sabotage.ts`), each with a case that shows it, and what must differ then. */
import { type Case, component } from './case.ts';

export interface Sabotaged {
  readonly name: string;
  readonly given: Case;
  readonly differs: RegExp;
}

const memory = component('channels', 'c1', [
  ['type', 'memory'],
  ['keep-alive', 0],
]);
const roll = (more: readonly [string, string][] = []) =>
  component('sinks', 'k1', [
    ['type', 'file_roll'],
    ['channel', '«c1»'],
    ['sink.directory', '«dir»/roll_k1'],
    ['sink.rollInterval', 0],
    ...more,
  ]);
const seq = (more: readonly [string, string][] = []) =>
  component('sources', 'r1', [['type', 'seq'], ['totalEvents', 5], ['channels', '«c1»'], ...more]);
const caseOf = (components: Case['components'], inputs: Case['inputs'] = []): Case => ({
  ...{ components, inputs, extra: [], folders: ['roll_k1', 'spool_r1'] },
});

export const sabotaged: readonly Sabotaged[] = [
  {
    name: 'other-numbers',
    given: caseOf([seq(), memory, roll()]),
    differs: /^events of sink k1$/,
  },
  {
    name: 'no-newline',
    given: caseOf([seq(), memory, roll([['sink.serializer', 'text']])]),
    differs: /^file 0 of sink k1$/,
  },
  {
    name: 'overwrite-static',
    given: caseOf([
      seq([
        ['interceptors', 'i1 i2'],
        ['interceptors.i1.type', 'static'],
        ['interceptors.i2.type', 'static'],
        ['interceptors.i2.value', 'other'],
      ]),
      memory,
      roll([['sink.serializer', 'header_and_text']]),
    ]),
    differs: /^events of sink k1$/,
  },
  {
    name: 'short-answer',
    given: caseOf(
      [
        component('sources', 'r1', [
          ['type', 'netcat'],
          ['bind', '127.0.0.1'],
          ['port', '«port:r1»'],
          ['channels', '«c1»'],
        ]),
        memory,
        roll(),
      ],
      [{ source: 'r1', give: { kind: 'tcp', port: 'r1', chunks: ['one\ntwo\n'] } }],
    ),
    differs: /^answer 0$/,
  },
  {
    name: 'uncounted',
    given: caseOf(
      [
        component('sources', 'r1', [
          ['type', 'spooldir'],
          ['spoolDir', '«dir»/spool_r1'],
          ['channels', '«c1»'],
        ]),
        memory,
        roll(),
      ],
      [
        {
          source: 'r1',
          give: { kind: 'file', path: 'spool_r1/a.log', bytes: 'one\ntwo\n', ageSeconds: 60 },
        },
      ],
    ),
    differs: /^counter source r1 EventAcceptedCount$/,
  },
  {
    name: 'any-batch',
    given: caseOf([seq([['batchSize', '101']]), memory, roll()]),
    differs: /^millrace has sources r1$/,
  },
];
