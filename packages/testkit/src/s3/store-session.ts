/** Credentials that hold for a while and may do what a policy says, as MinIO's STS gives them (AWS's AssumeRole). */
import { createHash, createHmac } from 'node:crypto';
import { credentials, type ObjectStore } from './object-store.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** @param actions what may be done in any bucket, such as `s3:GetObject` */
export async function sessionThatMay(
  store: ObjectStore,
  actions: readonly string[],
): Promise<SessionCredentials> {
  const Statement = [{ Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::*'] }];
  const body = new URLSearchParams({
    ...{ Action: 'AssumeRole', Version: '2011-06-15', DurationSeconds: '3600' },
    Policy: JSON.stringify({ Version: '2012-10-17', Statement }),
  }).toString();
  const answer = await fetch(store.endpoint, { method: 'POST', headers: signedHeaders(store, body), body });
  const text = await answer.text();
  const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
  const accessKeyId = field('AccessKeyId');
  const secretAccessKey = field('SecretAccessKey');
  const sessionToken = field('SessionToken');
  if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined)
    throw new Error(`AssumeRole: ${answer.status} ${text}`);
  return { accessKeyId, secretAccessKey, sessionToken };
}

/** AWS's Signature Version 4 of a form that goes to `/`. */
function signedHeaders({ port }: ObjectStore, body: string): Record<string, string> {
  const time = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`;
  const day = time.slice(0, 8);
  const type = 'application/x-www-form-urlencoded';
  const host = `127.0.0.1:${port}`;
  const signed = 'content-type;host;x-amz-date';
  const request = `POST\n/\n\ncontent-type:${type}\nhost:${host}\nx-amz-date:${time}\n\n${signed}\n${sha256(body)}`;
  const scope = `${day}/us-east-1/sts/aws4_request`;
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(request)}`;
  const key = [day, 'us-east-1', 'sts', 'aws4_request'].reduce<string | Buffer>(
    (last, part) => hmac(last, part),
    `AWS4${credentials.secretAccessKey}`,
  );
  const signature = hmac(key, toSign).toString('hex');
  return {
    ...{ 'content-type': type, 'x-amz-date': time },
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`,
  };
}
