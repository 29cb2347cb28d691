import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { type RefusedEventOf, type RefusedEvents, refusedOptions } from '../../component/refused.ts';
import { type OptionFinding, type OptionValues, opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { jodaPattern } from '../../java/joda-pattern.ts';
import { javaRegex } from '../../java/regex.ts';
import { editEvents } from '../../records/edit.ts';
import type { EventBatch } from '../../records/event-batch.ts';
import { type EventEdit, HeaderName } from '../../records/event-editor.ts';
import { errorText } from '../../runtime/errors.ts';

const options = {
  regex: opt.string({ doc: 'A Java regular expression; where it is first found counts.', required: true }),
  serializers: opt.list({
    doc: 'A name for each group of the pattern, in their order; groups beyond them are left out.',
    required: true,
  }),
  serializerSettings: opt.map({
    doc: 'Of each: `.name`, the header to set; `.type`, `DEFAULT` (the text as it is) or the class of the milliseconds serializer, which takes a `.pattern` of Joda-Time and sets Unix ms.',
    prefix: 'serializers',
  }),
  ...refusedOptions,
};
type Options = OptionValues<typeof options>;

const defaultTypes = [
  'DEFAULT',
  'org.apache.flume.interceptor.RegexExtractorInterceptorPassThroughSerializer',
];
const millisType = 'org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer';
const settings = ['name', 'type', 'pattern'];

/** The text that a group has matched, as the header has it. */
type Serialize = (text: string) => string;

interface Group {
  readonly header: HeaderName;
  readonly serialize: Serialize;
  /** A group that took no part in the match is a fault. */
  readonly needed: boolean;
}

/** Flume's RegexExtractorInterceptor. */
export const regexExtractorInterceptor = defineInterceptor({
  type: 'regex_extractor',
  classNames: ['org.apache.flume.interceptor.RegexExtractorInterceptor$Builder'],
  summary: 'Sets headers from the groups of a regular expression that is found in the body.',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = regex_extractor
a1.sources.r1.interceptors.i1.regex = ^(\\\\d{4}-\\\\d\\\\d-\\\\d\\\\d \\\\d\\\\d:\\\\d\\\\d) (\\\\w+)
a1.sources.r1.interceptors.i1.serializers = s1 s2
a1.sources.r1.interceptors.i1.serializers.s1.type = org.apache.flume.interceptor.RegexExtractorInterceptorMillisSerializer
a1.sources.r1.interceptors.i1.serializers.s1.name = timestamp
a1.sources.r1.interceptors.i1.serializers.s1.pattern = yyyy-MM-dd HH:mm
a1.sources.r1.interceptors.i1.serializers.s2.name = level
`,
  differs: [
    'An event whose group is no date of the pattern is set aside with the reason, and the rest of its batch goes on; in Flume the whole batch fails, again and again (`onRefused = retry`).',
    'A group that took no part in the match sets no header; Flume sets one with a null value, which its channels and sinks stumble over.',
    'Serializers are these two; classes of your own are refused.',
    'Joda letters G, C, x, w and ZZZ (era, century, week years, zone ids) are refused with their place.',
  ],
  options,
  validate: faultsOf,
  promises: ({ regex, serializers }) => ({
    does: `sets ${serializers.length === 1 ? 'a header' : `${serializers.length} headers`} from what ${regex} finds`,
  }),
  sets: ({ serializers, serializerSettings }) =>
    serializers.flatMap((name) => serializerSettings.get(`${name}.name`) ?? []),
  notes: ({ serializers, serializerSettings }) =>
    [...serializerSettings.keys()].flatMap((key) => {
      const [name, setting = ''] = key.split('.');
      if (serializers.includes(name!) && settings.includes(setting)) return [];
      return [
        {
          key: `serializers.${key}`,
          message: `serializers.${key} is ignored: ${serializers.includes(name!) ? `a serializer takes ${settings.join(', ')}` : `no serializer is called ${name}`}`,
          code: 'unknown-key' as const,
        },
      ];
    }),
  create: ({ options, refused }) => new RegexExtractor(options, refused),
});

function faultsOf({ regex, serializers, serializerSettings }: Options): OptionFinding[] {
  const found: OptionFinding[] = [...patternFaults('regex', regex)];
  const fault = (key: string, message: string, suggestion?: string) =>
    found.push({ key, message, ...(suggestion !== undefined && { suggestion }) });
  for (const name of serializers) {
    const of = (setting: string) => serializerSettings.get(`${name}.${setting}`);
    if ((of('name') ?? '') === '')
      fault('serializers', `serializers.${name}.name is not given: the header to set`);
    const type = of('type');
    if (type === undefined || defaultTypes.includes(type)) continue;
    if (type !== millisType) {
      fault(
        `serializers.${name}.type`,
        `unknown serializer type: ${type}`,
        `write DEFAULT (in upper case) or ${millisType}`,
      );
      continue;
    }
    const pattern = of('pattern') ?? '';
    if (pattern === '') {
      fault(
        `serializers.${name}.type`,
        `serializers.${name}.pattern is not given: Must configure with a valid pattern`,
      );
      continue;
    }
    try {
      jodaPattern(pattern);
    } catch (error) {
      fault(`serializers.${name}.pattern`, `pattern: ${errorText(error)}`);
    }
  }
  return found;
}

function groupOf(name: string, serializerSettings: ReadonlyMap<string, string>): Group {
  const header = new HeaderName(serializerSettings.get(`${name}.name`)!);
  if (serializerSettings.get(`${name}.type`) !== millisType) {
    return { header, serialize: (text) => text, needed: false };
  }
  const pattern = jodaPattern(serializerSettings.get(`${name}.pattern`)!);
  return { header, serialize: (text) => String(pattern.parse(text)), needed: true };
}

class RegexExtractor implements Interceptor {
  readonly #pattern: RegExp;
  readonly #groups: readonly Group[];
  readonly #headers: readonly HeaderName[];
  readonly #setsAside: boolean;
  readonly #refused: RefusedEvents;

  constructor(options: Options, refused: RefusedEvents) {
    this.#pattern = javaRegex(options.regex);
    this.#groups = options.serializers.map((name) => groupOf(name, options.serializerSettings));
    this.#headers = this.#groups.map(({ header }) => header);
    this.#setsAside = options.onRefused === 'setAside';
    this.#refused = refused;
  }

  intercept(batch: EventBatch): EventBatch | null | Promise<EventBatch | null> {
    let bad: RefusedEventOf[] | null = null;
    const left = editEvents(batch, this.#headers, (event, index) => {
      const reason = this.#extract(event);
      if (reason === null) return;
      if (!this.#setsAside) throw new RangeError(reason);
      bad ??= [];
      bad.push({ batch, index, reason, stage: 'intercept' });
      event.drop();
    });
    return bad === null ? left : this.#refused.setAside(bad).then(() => left);
  }

  /** Null, or why the event can't be worked on. */
  #extract(event: EventEdit): string | null {
    const match = this.#pattern.exec(event.bytes.toString('utf8', event.from, event.to));
    if (match === null) return null;
    const groups = Math.min(this.#groups.length, match.length - 1);
    for (let i = 0; i < groups; i++) {
      const { header, serialize, needed } = this.#groups[i]!;
      const text = match[i + 1];
      if (text === undefined) {
        if (needed) return `group ${i + 1} took no part in the match: no date for header ${header.text}`;
        continue;
      }
      try {
        event.set(header, serialize(text));
      } catch (error) {
        return errorText(error);
      }
    }
    return null;
  }
}
