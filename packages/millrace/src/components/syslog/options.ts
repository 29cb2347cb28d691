import { opt } from '../../config/options.ts';

/** What the sources of the family share; Flume's names. */
export const syslogOptions = {
  keepFields: opt.string({
    doc: 'Parts of a message that stay in the body, in front of what follows them: `none`, `all` (the message as it came), or some of priority, version, timestamp, hostname.',
    default: 'none',
  }),
  clientIPHeader: opt.string({ doc: "The header for the peer's address; not set without." }),
  clientHostnameHeader: opt.string({
    doc: "The header for the peer's name: what its address stands for and is found under in turn, else the address; not set without.",
  }),
};

/** Where they listen: Flume calls it `host`, and takes every address without. */
export const hostOption = opt.string({ doc: 'Address to listen on; all of this machine without.' });

export const eventSizeOption = opt.int({
  doc: 'Most bytes of a message: a longer one is cut, marked `flume.syslog.status = Incomplete`, and its rest is the next event.',
  unit: 'bytes',
  default: 2500,
  min: 10,
  onOutside: 'clamp',
});

/** Of syslogtcp and syslogudp. */
export const formatOption = opt.map({
  doc: "Patterns of one's own, tried before the standard's: `format.regex`, `format.search`, `format.replace`, `format.dateFormat`.",
  keys: ['regex', 'search', 'replace', 'dateFormat'],
  ignored:
    'lines are read as RFC 3164 and RFC 5424 alone; take them apart with a regex_extractor interceptor',
});
