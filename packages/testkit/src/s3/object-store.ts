/**
 * Real object stores for tests: `await using minio = await ObjectStore.start('minio')`. MinIO speaks S3 as stores do that
 * people run, moto as its authors have read AWS; where the two agree, AWS is likely to.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import * as sdk from '@aws-sdk/client-s3';
import { goProgram } from '../../../../scripts/lib/go-programs.ts';
import { pythonSetDir } from '../../../../scripts/lib/python-sets.ts';
import { type TempDir, tempDir } from '../files/temp-dir.ts';
import { certificates } from '../net/certificates.ts';
import { freePort } from '../net/free-port.ts';
import { noteRealServer } from '../process/java.ts';
import { ManagedProcess } from '../process/processes.ts';
import { waitFor } from '../process/wait.ts';

export type ObjectStoreKind = 'minio' | 'moto';

export const credentials = { accessKeyId: 'millrace-tests', secretAccessKey: 'correct-horse-battery' };

/** From now on what is tested finds the credentials where the SDK looks first, until it is disposed of. */
export function credentialsInEnvironment(): Disposable {
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  return {
    [Symbol.dispose]: () => {
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
    },
  };
}

export class ObjectStore implements AsyncDisposable {
  readonly kind: ObjectStoreKind;
  readonly port: number;
  readonly endpoint: string;
  readonly client: sdk.S3Client;
  readonly #dir: TempDir;
  #server: ManagedProcess | null = null;

  readonly #isTls: boolean;

  private constructor(kind: ObjectStoreKind, port: number, dir: TempDir, isTls: boolean) {
    this.kind = kind;
    this.port = port;
    this.#isTls = isTls;
    this.endpoint = `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`;
    this.#dir = dir;
    this.client = this.clientWith({});
  }

  /** @param isTls MinIO alone: it speaks TLS, with the certificate that `certificates` has */
  static async start(kind: ObjectStoreKind, { isTls = false } = {}): Promise<ObjectStore> {
    const store = new ObjectStore(kind, await freePort(), tempDir(`millrace-${kind}-`), isTls);
    await store.restart();
    noteRealServer(kind);
    return store;
  }

  /** A client of the SDK's own, apart from what is tested. */
  clientWith(config: sdk.S3ClientConfig): sdk.S3Client {
    const { endpoint } = this;
    const tls = { requestHandler: { httpsAgent: { ca: readFileSync(certificates.certificate) } } };
    return new sdk.S3Client({
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true, credentials },
      ...(this.#isTls ? tls : {}),
      ...config,
    });
  }

  /** Starts the server (again) on its port; MinIO with the data that it had. */
  async restart(): Promise<void> {
    const address = `127.0.0.1:${this.port}`;
    if (this.kind === 'minio') {
      mkdirSync(this.#dir.join('data'), { recursive: true });
      const args = ['server', '--quiet', '--address', address, '--console-address', '127.0.0.1:0'];
      if (this.#isTls) {
        mkdirSync(this.#dir.join('certs'), { recursive: true });
        copyFileSync(certificates.certificate, this.#dir.join('certs/public.crt'));
        // MinIO takes the key alone there.
        const key = /^.*?-----END PRIVATE KEY-----\n/s.exec(readFileSync(certificates.pem, 'utf8'))![0];
        writeFileSync(this.#dir.join('certs/private.key'), key);
        args.push('--certs-dir', this.#dir.join('certs'));
      }
      this.#server = await ManagedProcess.spawn(await goProgram('minio'), [...args, this.#dir.join('data')], {
        name: 'MinIO',
        cwd: this.#dir.path,
        env: {
          ...process.env,
          MINIO_ROOT_USER: credentials.accessKeyId,
          MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
          MINIO_BROWSER: 'off',
          MINIO_UPDATE: 'off',
          HOME: this.#dir.path,
        },
      });
    } else {
      const program = 'from moto.server import main; import sys; main(sys.argv[1:])';
      this.#server = await ManagedProcess.spawn(
        'python3',
        ['-c', program, '-H', '127.0.0.1', '-p', String(this.port)],
        {
          name: 'moto',
          cwd: this.#dir.path,
          env: { ...process.env, PYTHONPATH: await pythonSetDir('moto') },
        },
      );
    }
    const server = this.#server;
    await waitFor(`${this.kind} to serve or to end`, async () => !server.running || (await this.#answers()));
    if (!server.running) throw new Error(`${this.kind} does not start\n${server.tail()}`);
  }

  /** Ends the server as a kill does; `restart` brings it back. */
  async stop(): Promise<void> {
    await this.#server?.kill();
    this.#server = null;
  }

  async makeBucket(Bucket: string): Promise<void> {
    await this.client.send(new sdk.CreateBucketCommand({ Bucket }));
  }

  async removeBucket(Bucket: string): Promise<void> {
    for (const Key of await this.keys(Bucket))
      await this.client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
    await this.client.send(new sdk.DeleteBucketCommand({ Bucket }));
  }

  async put(Bucket: string, Key: string, Body: string): Promise<void> {
    await this.client.send(new sdk.PutObjectCommand({ Bucket, Key, Body }));
  }

  /** The object's bytes; null: there is none. */
  async read(Bucket: string, Key: string): Promise<Buffer | null> {
    try {
      const { Body } = await this.client.send(new sdk.GetObjectCommand({ Bucket, Key }));
      return Buffer.from(await Body!.transformToByteArray());
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') return null;
      throw error;
    }
  }

  get pid(): number {
    return this.#server!.pid;
  }

  /** All keys that begin so, sorted. */
  async keys(Bucket: string, Prefix = ''): Promise<string[]> {
    return (await this.objects(Bucket, Prefix)).map(({ key }) => key);
  }

  /** All objects whose keys begin so, in the order of the keys. */
  async objects(Bucket: string, Prefix = ''): Promise<{ key: string; sizeBytes: number }[]> {
    const objects: { key: string; sizeBytes: number }[] = [];
    for (let ContinuationToken: string | undefined; ; ) {
      const page = await this.client.send(
        new sdk.ListObjectsV2Command({ Bucket, Prefix, ...(ContinuationToken && { ContinuationToken }) }),
      );
      for (const { Key, Size } of page.Contents ?? []) objects.push({ key: Key!, sizeBytes: Size ?? 0 });
      ContinuationToken = page.NextContinuationToken;
      if (ContinuationToken === undefined) return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
    }
  }

  /** Keys of uploads that are not complete. */
  async uploads(Bucket: string, Prefix = ''): Promise<string[]> {
    const { Uploads = [] } = await this.client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix }));
    return Uploads.map(({ Key }) => Key!);
  }

  /** What a process leaves that is killed while it writes an object: an upload with one part. */
  async leaveUpload(Bucket: string, Key: string): Promise<void> {
    const { UploadId } = await this.client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }));
    const Body = Buffer.alloc(5 * 1024 * 1024, 'x');
    await this.client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body }));
  }

  /** Who may not do what in the bucket is told by a policy, as JSON. */
  async setPolicy(Bucket: string, policy: unknown): Promise<void> {
    await this.client.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.stop();
    this.#dir[Symbol.dispose]();
  }

  /** The port is taken at once, and requests are refused for a while after. */
  async #answers(): Promise<boolean> {
    if (!(await listens(this.port))) return false;
    await this.client.send(new sdk.ListBucketsCommand({}));
    return true;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
