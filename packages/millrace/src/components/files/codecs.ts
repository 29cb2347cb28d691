/** Hadoop's compression codecs by the names that a configuration may give them. */

export interface HadoopCodec {
  /** Its class in Hadoop. */
  readonly className: string;
  /** What files are called after it. */
  readonly extension: string;
  /** How it is done here; null: it isn't. */
  readonly way: CodecWay | null;
}
export type CodecWay = 'gzip' | 'deflate' | 'zstd' | 'bzip2' | 'snappy' | 'lz4';

const hadoop = 'org.apache.hadoop.io.compress.';
const codecs: readonly HadoopCodec[] = [
  { className: `${hadoop}GzipCodec`, extension: '.gz', way: 'gzip' },
  { className: `${hadoop}DefaultCodec`, extension: '.deflate', way: 'deflate' },
  { className: `${hadoop}DeflateCodec`, extension: '.deflate', way: 'deflate' },
  { className: `${hadoop}ZStandardCodec`, extension: '.zst', way: 'zstd' },
  { className: `${hadoop}BZip2Codec`, extension: '.bz2', way: 'bzip2' },
  { className: `${hadoop}SnappyCodec`, extension: '.snappy', way: 'snappy' },
  { className: `${hadoop}Lz4Codec`, extension: '.lz4', way: 'lz4' },
  { className: 'com.hadoop.compression.lzo.LzoCodec', extension: '.lzo_deflate', way: null },
  { className: 'com.hadoop.compression.lzo.LzopCodec', extension: '.lzo', way: null },
];

const simpleName = ({ className }: HadoopCodec) => className.replace(/.*\./, '');
const shortName = (codec: HadoopCodec) =>
  simpleName(codec)
    .replace(/Codec$/, '')
    .toLowerCase();

/** Short names of those that are done here. */
export const codecNames: readonly string[] = codecs.filter(({ way }) => way !== null).map(shortName);

/**
 * The codec that Flume takes a name for: the class exactly, its simple name or that without `Codec` in any letter case.
 * null: none (`none`); undefined: there is no such codec.
 */
export function codecOf(name: string): HadoopCodec | null | undefined {
  const lower = name.toLowerCase();
  if (lower === 'none') return null;
  return codecs.find(
    (codec) =>
      codec.className === name || simpleName(codec).toLowerCase() === lower || shortName(codec) === lower,
  );
}
