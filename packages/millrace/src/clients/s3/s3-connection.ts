import type * as Sdk from '@aws-sdk/client-s3';
import { errorText } from '../../runtime/errors.ts';
import type { StoreCall } from '../file-store/file-store.ts';
import { StoreError } from '../file-store/store-error.ts';
import { isCredentialFault, isExpiredCredential, toS3Error } from './s3-error.ts';

export interface S3Place {
  /** `http://127.0.0.1:9000`; absent: that of AWS for the region. */
  readonly endpoint?: string;
  /** Absent: what the environment or the profile says; with an endpoint of somebody else's then `us-east-1`. */
  readonly region?: string;
  /** The bucket in the path instead of the host name. */
  readonly pathStyle: boolean;
  /** Certificates to trust, as Node's `ca`. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** Absent: the standard chain, as the AWS tools look for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Hears of what was put right by itself: a wrong clock, an expired credential. */
  readonly onNote?: (text: string) => void;
}

const connectTimeoutMs = 5000;
/** Without a byte from the store. */
const silenceMs = 30_000;
const maxConnections = 64;
/** Of one request; what is still wrong then is for the caller to try again. */
const attempts = 3;
/** A smaller difference is within what stores allow (15 minutes), and that of any two clocks. */
const tellSkewMs = 60_000;

/** How the packages are got that are only needed for S3. */
const install = 'install it beside millrace: npm install @aws-sdk/client-s3';

/**
 * The AWS SDK's client for one place, loaded with the first call. Signs, finds credentials, tries again what is
 * transient, corrects the time of signatures by the store's clock. What it does not do: credentials that the store does
 * not take though their source has newer ones (a profile file that is written anew) are read again, at once where they
 * have expired, else with the next request.
 */
export class S3Connection {
  readonly #place: S3Place;
  #made: Promise<Made> | null = null;
  #toldSkewMs = 0;
  #isClosed = false;

  constructor(place: S3Place) {
    this.#place = place;
  }

  /** Whether the SDK adds checksums to what it sends (`AWS_REQUEST_CHECKSUM_CALCULATION`). */
  async addsChecksums(): Promise<boolean> {
    const { client } = await this.#client();
    return (await client.config.requestChecksumCalculation()) === 'WHEN_SUPPORTED';
  }

  /** What the request gives; rejects with a `StoreError` whose message begins with `what`. */
  async ask<T>(
    what: string,
    request: (sdk: typeof Sdk, client: Sdk.S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>,
    { signal }: StoreCall = {},
  ): Promise<T> {
    const options = signal === undefined ? {} : { abortSignal: signal };
    for (let isAgain = false; ; isAgain = true) {
      const made = this.#client();
      const its = await made;
      const { sdk, client } = its;
      its.asking++;
      try {
        const answer = await request(sdk, client, options);
        this.#tellSkew(client.config.systemClockOffset);
        return answer;
      } catch (error) {
        this.#tellSkew(client.config.systemClockOffset);
        const isOfCredentials = isCredentialFault(error);
        // Of several requests that fail so, the first has them looked for; the client it had ends with its requests.
        if (isOfCredentials && this.#made === made) this.#made = null;
        if (isAgain || this.#isClosed || !isExpiredCredential(error)) throw toS3Error(what, error, signal);
        if (this.#made === null) this.#place.onNote?.('the credentials have expired and are looked for anew');
      } finally {
        its.asking--;
        if (its.asking === 0 && this.#made !== made) client.destroy();
      }
    }
  }

  close(): void {
    this.#isClosed = true;
    void this.#made?.then(
      ({ client }) => client.destroy(),
      () => {},
    );
  }

  #client(): Promise<Made> {
    this.#made ??= this.#make().catch((error) => {
      this.#made = null;
      throw error;
    });
    return this.#made;
  }

  async #make(): Promise<Made> {
    if (this.#isClosed) throw new StoreError('transient', 'the store is closed');
    const { endpoint, region, pathStyle, ca, credentials } = this.#place;
    const { sdk, defaultProvider } = await load();
    const theRegion = region ?? (endpoint === undefined ? undefined : await regionOr(sdk, 'us-east-1'));
    const client = new sdk.S3Client({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(theRegion === undefined ? {} : { region: theRegion }),
      forcePathStyle: pathStyle,
      followRegionRedirects: true,
      maxAttempts: attempts,
      credentials: credentials ?? defaultProvider({ ignoreCache: true }),
      requestHandler: {
        connectionTimeout: connectTimeoutMs,
        socketTimeout: silenceMs,
        httpAgent: { keepAlive: true, maxSockets: maxConnections },
        httpsAgent: { keepAlive: true, maxSockets: maxConnections, ...(ca === undefined ? {} : { ca }) },
      } as Sdk.S3ClientConfig['requestHandler'] & object,
      logger: silent,
    });
    return { sdk, client, asking: 0 };
  }

  #tellSkew(offsetMs: number): void {
    if (Math.abs(offsetMs - this.#toldSkewMs) < tellSkewMs) return;
    this.#toldSkewMs = offsetMs;
    const minutes = Math.abs(offsetMs / 60_000).toFixed(1);
    const side = offsetMs > 0 ? 'behind' : 'ahead of';
    this.#place.onNote?.(
      `the clock of this machine is ${minutes} minutes ${side} the store's; the time of signatures is corrected by that`,
    );
  }
}

interface Made {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
  /** Requests that have it now. */
  asking: number;
}

/** Its warnings would go to the console, past the log; what matters comes as an error. */
const silent = { debug() {}, info() {}, warn() {}, error() {}, trace() {} };

/** The region that the environment or the profile names. Stores other than AWS take any, and the SDK none. */
async function regionOr(sdk: typeof Sdk, other: string): Promise<string> {
  const client = new sdk.S3Client({});
  try {
    return await client.config.region();
  } catch {
    return other;
  } finally {
    client.destroy();
  }
}

async function load() {
  try {
    const [sdk, { defaultProvider }] = await Promise.all([
      import('@aws-sdk/client-s3'),
      import('@aws-sdk/credential-provider-node'),
    ]);
    return { sdk, defaultProvider };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new StoreError('denied', `S3 needs the package @aws-sdk/client-s3: ${errorText(cause)}`, {
      cause,
      remedy: install,
    });
  }
}
