import { fileURLToPath } from 'node:url';
import { MillraceError } from '../../../runtime/errors.ts';
import { ClassPathText } from './class-path-text.ts';
import type { OriginPlan } from './config-origin.ts';
import { FileText } from './file-text.ts';
import { HttpText } from './http-text.ts';
import type { PolledText } from './polled-texts.ts';

/** The schemes of `-u`; Flume looks their names up as they are written. */
export const uriSchemes = ['file', 'classpath', 'http', 'https'] as const;

/** What stands at a path or a URI. Throws `USAGE` where it can be neither. */
export function textAt(place: string, plan: Extract<OriginPlan, { kind: 'texts' }>): PolledText {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(place)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return new FileText(place);
    case 'file':
      return new FileText(pathOf(place), '-u');
    case 'classpath':
      return new ClassPathText(place, plan.classPath ?? []);
    case 'http':
    case 'https':
      return new HttpText(place, {
        ...(plan.user === undefined ? {} : { user: plan.user }),
        ...(plan.stores === undefined ? {} : { stores: plan.stores }),
      });
    default:
      throw new MillraceError('USAGE', `${place} is no kind of URI that a configuration can come from`);
  }
}

function pathOf(uri: string): string {
  try {
    // Java takes a relative one for none; a URL makes an absolute path of it that nobody has meant.
    if (!/^file:\//i.test(uri)) throw new Error('it is relative');
    return fileURLToPath(uri);
  } catch (cause) {
    throw new MillraceError('USAGE', `-u ${uri} names no file of this machine`, {
      cause,
      remedy: 'Write -u file:///path/to/flume.conf.',
    });
  }
}
