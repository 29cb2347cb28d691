/** What `acks` of a producer comes to, in words. */
import type { SinkPromises } from '../../component/promises.ts';
import type { OptionFinding } from '../../config/options.ts';

interface WithProducer {
  readonly 'kafka.producer': { readonly options: { readonly acks?: number | undefined } };
}

/** When an event is delivered, and what is lost of those that are. */
export function deliveredBy(
  acks: number | undefined,
): Pick<SinkPromises, 'delivered' | 'survives' | 'losses'> {
  const instead = 'set kafka.producer.acks = all';
  if (acks === 0) {
    return {
      delivered: 'it is handed to the network (acks=0)',
      survives: 'nothing',
      losses: [
        {
          when: 'a connection breaks or a broker refuses an event',
          what: 'events are lost without a word',
          instead,
        },
      ],
    };
  }
  if (acks === 1) {
    return {
      delivered: 'the leading broker has it in its memory (acks=1)',
      survives: 'kill',
      losses: [
        {
          when: 'the leading broker fails before others have a copy',
          what: 'delivered events are lost',
          instead,
        },
      ],
    };
  }
  return { delivered: 'all brokers that are in sync have it (acks=all)', survives: 'power cut' };
}

/** Told by `check`: with acks=0 the word "delivered" means nothing. */
export const acknowledgementNotes = (values: WithProducer): readonly OptionFinding[] =>
  values['kafka.producer'].options.acks === 0
    ? [
        {
          key: ['kafka.producer.acks', 'requiredAcks'],
          code: 'no-acknowledgement',
          message:
            'kafka.producer.acks = 0: no broker says whether it has an event; what does not arrive is lost without a word',
          suggestion: 'set kafka.producer.acks = all',
        },
      ]
    : [];
