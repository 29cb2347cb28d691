import { defineInterceptor } from '../../component/define.ts';
import type { Interceptor } from '../../component/interceptor.ts';
import { charsetFaults } from '../../config/charset-faults.ts';
import { opt } from '../../config/options.ts';
import { patternFaults } from '../../config/pattern-faults.ts';
import { type Charset, findCharset } from '../../java/charsets.ts';
import { javaRegex } from '../../java/regex.ts';
import { javaReplacement } from '../../java/replacement.ts';
import { editEvents } from '../../records/edit.ts';
import { errorText, MillraceError } from '../../runtime/errors.ts';

export const searchReplaceInterceptor = defineInterceptor({
  type: 'search_replace',
  classNames: ['org.apache.flume.interceptor.SearchAndReplaceInterceptor$Builder'],
  summary: 'Replaces what a regular expression finds in the body, everywhere.',
  example: `
a1.sources.r1.interceptors = i1
a1.sources.r1.interceptors.i1.type = search_replace
a1.sources.r1.interceptors.i1.searchPattern = (password|token)=\\\\S+
a1.sources.r1.interceptors.i1.replaceString = $1=***
`,
  differs: [
    'A body in which nothing is found keeps its bytes, also where they are no text in `charset`; Flume puts replacement characters there all the same.',
    'A replacement that names a group which is not there is refused with the configuration; in Flume the first event in which the pattern is found fails, again and again.',
  ],
  options: {
    searchPattern: opt.string({ doc: 'A Java regular expression.', required: true }),
    replaceString: opt.string({
      doc: 'What stands there instead, as Java reads it: `$1` is a group, as is `$` with a name in braces; `\\$` is a dollar sign.',
      default: '',
    }),
    charset: opt.string({ doc: 'How bodies are read and written, by its Java name.', default: 'UTF-8' }),
  },
  validate: ({ searchPattern, replaceString, charset }) => [
    ...expressionFaults(searchPattern, replaceString),
    ...charsetFaults('charset', charset),
  ],
  promises: ({ searchPattern }) => ({ does: `replaces what ${searchPattern} finds` }),
  sets: () => [],
  create: ({ options }): Interceptor => {
    const pattern = javaRegex(options.searchPattern, { flags: 'g' });
    const replacement = javaReplacement(options.replaceString, pattern);
    const { read, write } = textOf(findCharset(options.charset)!);
    return {
      intercept: (batch) =>
        editEvents(batch, [], (event) => {
          const text = read(event.bytes, event.from, event.to);
          const replaced = text.replace(pattern, replacement);
          if (replaced !== text) event.setBody(write(replaced));
        }),
    };
  },
});

function expressionFaults(searchPattern: string, replaceString: string) {
  const faults = patternFaults('searchPattern', searchPattern);
  if (faults.length > 0) return faults;
  try {
    javaReplacement(replaceString, javaRegex(searchPattern));
    return [];
  } catch (error) {
    const suggestion = error instanceof MillraceError ? error.remedy : undefined;
    return [
      {
        key: 'replaceString',
        message: `replaceString: ${errorText(error)}`,
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ];
  }
}

interface BodyText {
  read(bytes: Buffer, from: number, to: number): string;
  write(text: string): Buffer | string;
}

/** Whole bodies as text of a charset, and back. */
function textOf(charset: Charset): BodyText {
  if (charset.form.kind === 'utf8') {
    return { read: (bytes, from, to) => bytes.toString('utf8', from, to), write: (text) => text };
  }
  return {
    read: (bytes, from, to) => charset.decoder({ replace: true }).decode(bytes.subarray(from, to)).text,
    write: (text) => charset.encoder()(text),
  };
}
