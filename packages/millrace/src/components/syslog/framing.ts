import { type OptionValues, opt } from '../../config/options.ts';
import { CountedCutter } from '../../formats/syslog/counted-cutter.ts';
import { LineCutter } from '../../formats/syslog/line-cutter.ts';
import type { MessageCutter } from '../../formats/syslog/message-cutter.ts';

/** How messages are told apart in a stream; Flume knows lines alone. */
export const framingOptions = {
  framing: opt.enum(['lines', 'octetCounting', 'auto'], {
    doc: 'How messages are told apart (RFC 6587): `lines`, each ends with a newline, as in Flume; `octetCounting`, each has its length in bytes in front of it, and may have newlines in it; `auto`, what begins with a digit from 1 to 9 is counted, all else are lines.',
    default: 'lines',
  }),
  maxFrameSize: opt.bytes({
    doc: 'Most bytes that the length in front of a message may say (`framing`); with `octetCounting` a peer that says more is disconnected, with `auto` it is text. It never is less than `eventSize`, at which also a counted message is cut.',
    default: 200_000,
    min: 1,
    max: 1024 * 1024 * 1024,
    onOutside: 'clamp',
  }),
};
type Framing = OptionValues<typeof framingOptions>;

/** Makes what finds the messages of a peer. */
export function framingCutter({ framing, maxFrameSize }: Framing, eventSize: number): () => MessageCutter {
  if (framing === 'lines') return () => new LineCutter(eventSize);
  const options = {
    maxBytes: eventSize,
    maxCount: Math.max(maxFrameSize, eventSize),
    lines: framing === 'auto',
  };
  return () => new CountedCutter(options);
}

export function ofUnfinished({ framing }: Framing): string {
  return framing === 'lines' ? 'no newline follows them' : 'the end of their message has not come';
}
