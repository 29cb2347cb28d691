/** Requests of one API since the start. */
export interface ApiFigures {
  /** Kafka's name: `Produce`. */
  readonly api: string;
  readonly requests: number;
  /** Bytes of the requests, and of their answers, with headers and lengths. */
  readonly requestBytes: number;
  readonly answerBytes: number;
  /** From the whole request to its answer, summed, s; a fetch that waits for records waits in here. */
  readonly seconds: number;
}

/** What went over the broker's sockets since the start. */
export interface NetworkFigures {
  readonly connections: number;
  readonly connectionsOpened: number;
  /** Ended by the broker: what was sent was no request, or the request failed. */
  readonly connectionsFailed: number;
  /** Only APIs that were asked for. */
  readonly apis: readonly ApiFigures[];
}

class ApiTraffic {
  readonly api: string;
  requests = 0;
  requestBytes = 0;
  answerBytes = 0;
  ms = 0;

  constructor(api: string) {
    this.api = api;
  }
}

/** Counts what goes over the broker's sockets; a request costs a few additions. */
export class Traffic {
  readonly #apis: (ApiTraffic | undefined)[] = [];
  #opened = 0;
  #closed = 0;
  #failed = 0;

  opened(): void {
    this.#opened++;
  }

  closed(): void {
    this.#closed++;
  }

  failed(): void {
    this.#failed++;
  }

  /** `apiKey` is one that is served, so their number is bounded. */
  request(apiKey: number, name: string, bytes: number): void {
    this.#apis[apiKey] ??= new ApiTraffic(name);
    const of = this.#apis[apiKey];
    of.requests++;
    of.requestBytes += bytes;
  }

  answer(apiKey: number, bytes: number, ms: number): void {
    const of = this.#apis[apiKey];
    if (of === undefined) return;
    of.answerBytes += bytes;
    of.ms += ms;
  }

  figures(): NetworkFigures {
    return {
      connections: this.#opened - this.#closed,
      connectionsOpened: this.#opened,
      connectionsFailed: this.#failed,
      apis: this.#apis
        .filter((of) => of !== undefined)
        .map(({ api, requests, requestBytes, answerBytes, ms }) => ({
          ...{ api, requests, requestBytes, answerBytes },
          seconds: ms / 1000,
        })),
    };
  }
}
