import { type OptionFinding, opt } from '../../config/options.ts';
import type { ThriftProtocol } from '../../formats/thrift/protocol.ts';

export const protocolOption = opt.string({
  doc: 'How the values are written: `compact`, or `binary`; the other side has to have the same.',
  default: 'compact',
});

export const isProtocol = (written: string): boolean => /^(binary|compact)$/i.test(written);

/** As in Flume, only small letters make it the binary one. */
export const protocolOf = (written: string): ThriftProtocol => (written === 'binary' ? 'binary' : 'compact');

export function protocolNotes(written: string): OptionFinding[] {
  if (written === 'binary' || written.toLowerCase() !== 'binary') return [];
  return [
    {
      key: 'protocol',
      message: `protocol: ${written} is the compact protocol, as in Flume: only small letters mean the binary one`,
      suggestion: 'write binary or compact',
    },
  ];
}

/** Nobody who asks for it is to go without. */
export function kerberosFaults(isOn: boolean): OptionFinding[] {
  if (!isOn) return [];
  return [
    {
      key: 'kerberos',
      message: 'kerberos: it is not there; the connection would not be authenticated',
      suggestion: 'use TLS (ssl = true) in its place',
    },
  ];
}
