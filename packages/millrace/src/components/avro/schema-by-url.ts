/** Where schemas come from: by URL, each once. */
import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { HttpClient } from '../../clients/http/http-client.ts';
import { MillraceError } from '../../runtime/errors.ts';

const mostBytes = 16 * 1024 * 1024;
const limitMs = 10_000;

/** Why no schema can ever be had under this URL; null: it may be. */
export function schemaUrlFault(text: string): string | null {
  if (!URL.canParse(text)) return 'it is no URL';
  const { protocol } = new URL(text);
  if (['file:', 'http:', 'https:'].includes(protocol)) return null;
  return `${protocol}// is not built`;
}

/** The text behind a URL that has no fault. Nothing of it is in an error: the URL may be anybody's. */
export async function fetchSchema(text: string): Promise<string> {
  const url = new URL(text);
  if (url.protocol === 'file:') return await readSchemaFile(url);
  const client = new HttpClient({
    ...{ connectTimeoutMs: limitMs, answerTimeoutMs: limitMs, bodyTimeoutMs: limitMs },
    ...{ maxConnections: 1, maxAnswerBytes: mostBytes },
  });
  try {
    const { status, body } = await client.request({ method: 'GET', url });
    if (status !== 200) throw failure(`${url.origin}${url.pathname} answers ${status}`);
    return body.toString();
  } finally {
    await client.close();
  }
}

async function readSchemaFile(url: URL): Promise<string> {
  const path = fileURLToPath(url);
  const found = await stat(path);
  if (!found.isFile() || found.size > mostBytes)
    throw failure(`${path} is no file of at most ${mostBytes} bytes`);
  return await readFile(path, 'utf8');
}

function failure(what: string): MillraceError {
  return new MillraceError('DELIVERY_FAILED', `no Avro schema can be had: ${what}`, {
    remedy: 'Put the schema there; the events wait for it.',
  });
}
