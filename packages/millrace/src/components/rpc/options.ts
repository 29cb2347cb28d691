import { opt } from '../../config/options.ts';

const mebibyte = 1024 * 1024;

/** What a peer may send as one call; Flume has no such limit. */
export const requestSizeOption = opt.bytes({
  doc: 'Most bytes of one call: a peer that announces more is disconnected, before anything is kept of it.',
  default: 64 * mebibyte,
  min: 1024,
  max: 1024 * mebibyte,
  onOutside: 'clamp',
});
