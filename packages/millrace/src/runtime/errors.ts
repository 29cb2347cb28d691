/**
 * The one error class and the one table of error codes.
 *
 * Every error that leaves a room is a `MillraceError`: a stable code, a message that says what happened and where,
 * and the remedy. `docs/errors.md` lists the same table; a test holds the two together.
 */

/** What each code means: whether trying again can help, and what a person can do about it. */
export const errorCodes = {
  ADDRESS_IN_USE: {
    retryable: true,
    remedy: 'Stop the program that holds the port, or choose another port.',
  },
  ADDRESS_UNAVAILABLE: {
    retryable: true,
    remedy: 'Choose an address of this machine, and a port that this user may open (below 1024: root only).',
  },
  BATCH_CORRUPT: { retryable: false, remedy: 'The bytes are not a valid Kafka record batch (magic 2).' },
  CHANNEL_FULL: { retryable: true, remedy: 'Raise the capacity of the channel, or make its sink faster.' },
  CHANNEL_CLOSED: {
    retryable: true,
    remedy: 'The channel is not up: an agent that runs tries its start again, and logs why it fails.',
  },
  TRANSACTION_STATE: {
    retryable: false,
    remedy: 'Use a transaction once: begin, put or take, commit or roll back.',
  },
  TRANSACTION_TOO_BIG: { retryable: false, remedy: 'Commit more often, or raise transactionCapacity.' },
  COMPRESSION: { retryable: false, remedy: 'The compressed bytes are damaged or larger than allowed.' },
  CONFIG_INVALID: {
    retryable: false,
    remedy: 'Run `millrace check -f FILE` for every problem with its place.',
  },
  CONNECTION_FAILED: {
    retryable: true,
    remedy: 'Check host and port, and that the peer is up; work goes on by itself when it answers.',
  },
  DELIVERY_FAILED: {
    retryable: true,
    remedy: 'The destination did not take the batch; it will be tried again.',
  },
  DIRECTORY_LOCKED: {
    retryable: true,
    remedy: 'Another process uses this folder; stop it or choose another folder.',
  },
  DISK_FULL: { retryable: true, remedy: 'Free space on the device; work goes on by itself.' },
  EVENTS_TAMPERED: {
    retryable: false,
    remedy: 'Somebody has changed what was written; see the message for where it was set aside.',
  },
  FILE_ACCESS: {
    retryable: true,
    remedy: 'Check that the path is right, and that this user may read and write there.',
  },
  FRAME_TOO_LARGE: {
    retryable: false,
    remedy: 'The peer announced more bytes than allowed; check that it speaks the Kafka protocol.',
  },
  HTTP_FAILED: {
    retryable: true,
    remedy: 'Check the URL, and that the server is up; work goes on by itself when it answers.',
  },
  INTERNAL: { retryable: false, remedy: 'This is a bug; please report it with the message and the stack.' },
  KAFKA: { retryable: false, remedy: 'The broker answered with an error code; see its name in the message.' },
  KAFKA_AUTHENTICATION: {
    retryable: true,
    remedy: 'Check security.protocol, sasl.mechanism, and user and password (sasl.jaas.config).',
  },
  KAFKA_CONNECTION: { retryable: true, remedy: 'Check bootstrap.servers and that the broker is up.' },
  KEY_MISSING: {
    retryable: true,
    remedy: 'Give the channel the key again (encryption.*); the events stay, and it starts by itself then.',
  },
  KEY_WRONG: {
    retryable: true,
    remedy:
      'Give the channel the key that it had under this name; the events stay, and it starts by itself then.',
  },
  LOG_CORRUPT: {
    retryable: false,
    remedy: 'The damaged bytes were set aside; see the message for what was kept.',
  },
  LOG_FAILED: {
    retryable: true,
    remedy:
      'The device did not keep written bytes; check it. The log heals itself when the device takes bytes again.',
  },
  LOG_UNREADABLE: {
    retryable: true,
    remedy: 'The device did not give bytes of the log back; check it. Other logs are not concerned.',
  },
  OFFSET_OUT_OF_RANGE: {
    retryable: false,
    remedy: 'Read from an offset between the start and the end of the log.',
  },
  OUT_OF_FILES: {
    retryable: true,
    remedy: 'Raise the limit of open files (ulimit -n); work goes on by itself when some are closed.',
  },
  PLUGIN_INVALID: {
    retryable: false,
    remedy:
      'Mend the module that --plugins names, or leave it out; `millrace check --plugins …` tells what is wrong.',
  },
  PROTOCOL: { retryable: false, remedy: 'The bytes do not fit the Kafka protocol.' },
  SOURCE_FAILED: { retryable: true, remedy: 'The source is restarted with back-off.' },
  TIMEOUT: { retryable: true, remedy: 'The peer did not answer in time.' },
  USAGE: { retryable: false, remedy: 'See --help.' },
} as const satisfies Record<string, { retryable: boolean; remedy: string }>;

export type ErrorCode = keyof typeof errorCodes;

export class MillraceError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly remedy: string;
  /** Facts for programs: file, line, topic, partition, port. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cause?: unknown;
      retryable?: boolean;
      remedy?: string;
      details?: Record<string, unknown>;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MillraceError';
    this.code = code;
    this.retryable = options.retryable ?? errorCodes[code].retryable;
    this.remedy = options.remedy ?? errorCodes[code].remedy;
    this.details = options.details ?? {};
  }
}

/** The text of anything thrown, on one line, for logs. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message;
  return String(error);
}

/** Whether an error is a Node system error with one of the given codes (`ENOENT`, `ENOSPC`, …). */
export function hasErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

const fileFaults: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file stands where a folder is needed',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links go in a circle',
};
const fullDevice: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: "the user's quota is used up",
};

/**
 * A file that the system did not give, as a person needs it told: `FILE_ACCESS` or `DISK_FULL` with the path. Anything
 * else comes back as it is.
 */
export function explainFileError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof MillraceError) return error;
  const { code = '', path = '' } = error as NodeJS.ErrnoException;
  const why = fileFaults[code] ?? fullDevice[code];
  if (why === undefined || path === '') return error;
  return new MillraceError(code in fullDevice ? 'DISK_FULL' : 'FILE_ACCESS', `can't use ${path}: ${why}`, {
    cause: error,
    details: { path, errno: code },
  });
}

/** Whether an error says that an address is none of this machine, or that its port is not for this user. */
export function isAddressFault(error: unknown): boolean {
  return hasErrno(error, 'EADDRNOTAVAIL', 'EACCES', 'ENOTFOUND', 'EAI_AGAIN', 'EAFNOSUPPORT');
}
