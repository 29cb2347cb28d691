/**
 * The AWS SDK alone (`Upload` of lib-storage, four parts of 8 MiB at once), of bytes in memory: `node s3-client.ts ENDPOINT
 * BUCKET OBJECTS BYTES`, credentials from the environment. Prints one line of JSON: the seconds from the first
 * object's begin to the last one's end.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

const [endpoint, bucket, objectText, byteText] = process.argv.slice(2);
const object = Buffer.alloc(Number(byteText), 'x');
const client = new S3Client({ endpoint: endpoint!, region: 'us-east-1', forcePathStyle: true });
const startedAt = performance.now();
for (let n = 0; n < Number(objectText); n++) {
  const params = { Bucket: bucket!, Key: `object-${n}`, Body: object };
  await new Upload({ client, params, partSize: 8 * 1024 * 1024, queueSize: 4 }).done();
}
const seconds = (performance.now() - startedAt) / 1000;
client.destroy();
console.log(JSON.stringify({ seconds }));
