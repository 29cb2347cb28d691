import { readEscapes } from '../../component/escape-template.ts';
import { type OptionFinding, opt } from '../../config/options.ts';

/** How files get their names. */
export const namesOption = opt.enum(['counter', 'deterministic'], {
  doc: 'counter: a number that goes up. deterministic: topic, partition, first and last offset of the events in it, so that what Kafka gives again is known and not written again; for events of a Kafka channel, or with the headers topic, partition and offset of KafkaSource.',
  default: 'counter',
});

/** What a sink says of such names on its page. */
export const namesDiffers =
  'With deterministic names a file has events of one partition and is called `PREFIX.TOPIC+PARTITION+FIRST+LAST`. What lies between two offsets of a name counts as written: to have events written again, their files are to be removed; a topic that was deleted and made again needs another path. One sink alone takes from the channel.';

interface Named {
  readonly names: { readonly key: string; readonly value: string };
  readonly path: { readonly key: string; readonly value: string };
  readonly prefix: string;
  readonly suffix: string | undefined;
  readonly localTime: { readonly key: string; readonly value: boolean };
  readonly suffixKey: string;
}

/** What keeps deterministic names from telling the same of the same event. */
export function namesFaults({ names, path, prefix, suffix, suffixKey, localTime }: Named): OptionFinding[] {
  if (names.value !== 'deterministic') return [];
  const findings: OptionFinding[] = [];
  const needsTime = readEscapes(path.value).needsTime || readEscapes(prefix).needsTime;
  if (localTime.value && needsTime)
    findings.push({
      key: localTime.key,
      message: `${localTime.key}: with ${names.key} = deterministic an event has to have the same place whenever it comes, and the time of this machine is another one then`,
      suggestion: 'leave it out: the time of the record (the header timestamp) counts',
    });
  if (suffix !== undefined && suffix !== '' && !suffix.startsWith('.'))
    findings.push({
      key: suffixKey,
      message: `${suffixKey}: with ${names.key} = deterministic it has to begin with a dot, or the offset before it could not be read`,
    });
  return findings;
}
