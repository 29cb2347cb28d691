import { type OptionFinding, opt } from '../../config/options.ts';

export const protocolOption = opt.enum(['compact', 'binary'], {
  doc: 'How values are written; the other side has to have the same.',
  default: 'compact',
  flumeSays: () => 'binary or compact are the only valid Thrift protocol types to choose from.',
});

/** Of both components. */
export const protocolDiffers =
  '`protocol` is read in any letter case; in Flume `Binary` means the compact protocol, without a word.';

/** Nobody who asks for authentication is to go without. */
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

export const withoutKerberos = 'there is no Kerberos here';
