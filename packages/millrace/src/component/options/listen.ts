import { opt } from '../../config/options.ts';

/** Where a source takes connections; Flume's names. */
export const listenOptions = {
  bind: opt.string({ doc: 'Address to listen on.', required: true }),
  port: opt.int({ doc: 'Port to listen on.', required: true, min: 0, max: 65535 }),
};
