import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { placeOf, type ServerFile, serverFileOf } from '../broker/settings/server-file.ts';
import { parseProperties } from '../config/properties.ts';
import { errorText, hasErrno, MillraceError } from '../runtime/errors.ts';
import type { Io } from './io.ts';

/** A file of Kafka's properties, as `--config` names it. */
export interface BrokerConfig extends ServerFile {
  /** Does what throws, and tells the line of the file that is to blame. */
  within<T>(work: () => T): T;
}

const noFile: BrokerConfig = { settings: new Map(), notes: [], unknown: [], within: (work) => work() };

/** Reads it and tells what of it has no effect. Throws `CONFIG_INVALID`. */
export function readBrokerConfig(file: string | undefined, io: Io): BrokerConfig {
  if (file === undefined) return noFile;
  const path = resolve(io.cwd, file);
  const { properties, diagnostics } = parseProperties(bytesOf(path), file);
  const found = serverFileOf(properties);
  for (const { message, file: at, line } of diagnostics) io.stderr.write(`${at}:${line}: ${message}\n`);
  for (const text of found.unknown) io.stderr.write(`${text}\n`);
  for (const text of found.notes) io.stderr.write(`${file}: ${text}\n`);
  return {
    ...found,
    within(work) {
      try {
        return work();
      } catch (error) {
        const place = placeOf(error, properties);
        if (place === undefined || !(error instanceof MillraceError)) throw error;
        const { remedy, details } = error;
        const message = `${place}: ${error.message.replace(/^--set /, '')}`;
        throw new MillraceError('CONFIG_INVALID', message, { remedy, details, cause: error });
      }
    },
  };
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = hasErrno(error, 'ENOENT') ? 'there is no such file' : errorText(error);
    throw new MillraceError('CONFIG_INVALID', `--config ${path}: ${why}`, { remedy: 'Check the path.' });
  }
}
