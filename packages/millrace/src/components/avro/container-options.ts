/** What Flume's two Avro serializers have in common: the container file that they write. */
import { type OptionFinding, opt } from '../../config/options.ts';
import { type ContainerCodec, containerCodecs, isContainerCodec } from '../../formats/avro/codecs.ts';

export const containerOptions = {
  syncIntervalBytes: opt.int({
    doc: 'A block of the file ends when it has so many bytes, before compression; it ends with every batch, too.',
    unit: 'bytes',
    default: 2_048_000,
    min: 32,
    max: 2 ** 30,
  }),
  compressionCodec: opt.string({
    doc: `How blocks are compressed: ${containerCodecs.join(', ')}.`,
    default: 'null',
  }),
};

/** Avro's other codecs, which Flume has where their jars are. */
const notBuilt = ['bzip2', 'xz'];

export function validateContainer({ compressionCodec }: { compressionCodec: string }): OptionFinding[] {
  if (!notBuilt.includes(compressionCodec)) return [];
  const message = `compressionCodec: ${compressionCodec} is not built`;
  return [{ key: 'compressionCodec', message, suggestion: `write one of ${containerCodecs.join(', ')}` }];
}

export function notesOfContainer({ compressionCodec }: { compressionCodec: string }): OptionFinding[] {
  if (isContainerCodec(compressionCodec) || notBuilt.includes(compressionCodec)) return [];
  const message = `compressionCodec: there is no codec '${compressionCodec}'; blocks are not compressed, as in Flume`;
  return [{ key: 'compressionCodec', message, suggestion: `write one of ${containerCodecs.join(', ')}` }];
}

/** How blocks are compressed, as the writer takes it. */
export function codecOf({ compressionCodec }: { compressionCodec: string }): { codec?: ContainerCodec } {
  return isContainerCodec(compressionCodec) ? { codec: compressionCodec } : {};
}
