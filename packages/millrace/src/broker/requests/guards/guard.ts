import type { ApiName, RequestOf, ResponseInitOf } from '../../../protocol/messages.ts';
import { ErrorCode } from '../../core/error-code.ts';
import { type AccessResource, clusterName, type Operation, operationCodes } from '../../security/access.ts';
import type { Authorizer } from '../../security/authorizer.ts';
import type { Call } from '../call.ts';

/** What is left of a request for its sender, and how the answer becomes the one to the whole of it. */
export interface Ruling<Request, Response> {
  /** Null: nothing is left to do. */
  readonly request: Request | null;
  /** `response`: to what was left; null: there is none. */
  finish(response: Response | null): Response | null;
}

/** Takes from a request what its sender may not do, and has it answered as Kafka's `KafkaApis` does. */
export type Guard<Name extends ApiName> = (
  request: RequestOf<Name>,
  ask: Ask,
  call: Call,
) => Ruling<RequestOf<Name>, ResponseInitOf<Name>>;

export const passed = <Request, Response>(request: Request): Ruling<Request, Response> => ({
  request,
  finish: (response) => response,
});

export const refused = <Response>(response: Response): Ruling<never, Response> => ({
  request: null,
  finish: () => response,
});

/**
 * Of what a request lists in `field` only `allowed` goes on; `refusal`, the answer to the others alone, stands behind it
 * in `list` of the answer.
 */
export function inPart<
  Request extends object,
  Field extends keyof Request,
  Response extends object,
  List extends keyof Response,
>(
  request: Request,
  field: Field,
  allowed: Request[Field] & readonly unknown[],
  refusal: Response,
  list: List,
): Ruling<Request, Response> {
  return {
    request: allowed.length === 0 ? null : { ...request, [field]: allowed },
    finish(response) {
      if (response === null) return refusal;
      const [some, others] = [response[list] ?? [], refusal[list]] as readonly (readonly unknown[])[];
      return { ...response, [list]: [...some!, ...others!] };
    },
  };
}

/** What the sender of one request may do. */
export class Ask {
  readonly #authorizer: Authorizer;
  readonly #asker: { readonly principal: Call['principal']; readonly host: string };

  constructor(authorizer: Authorizer, { principal, clientHost }: Call) {
    this.#authorizer = authorizer;
    this.#asker = { principal, host: clientHost.slice(1) };
  }

  may(operation: Operation, resource: AccessResource, name: string): boolean {
    return this.#authorizer.allows(this.#asker, operation, resource, name);
  }

  mayCluster(operation: Operation): boolean {
    return this.may(operation, 'CLUSTER', clusterName);
  }

  mayAny(operation: Operation, resource: AccessResource): boolean {
    return this.#authorizer.allowsAny(this.#asker, operation, resource);
  }

  /** A bit for each operation that is allowed (KIP-430). */
  operations(resource: keyof typeof operationsOf, name: string): number {
    let bits = 0;
    for (const operation of operationsOf[resource]) {
      if (this.may(operation, resource, name)) bits |= 1 << operationCodes[operation];
    }
    return bits;
  }
}

/** What there is to do with a resource of a kind (`AclEntry.supportedOperations`). */
const operationsOf = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: [
    'CREATE',
    'ALTER',
    'DESCRIBE',
    'CLUSTER_ACTION',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
    'IDEMPOTENT_WRITE',
  ],
} as const satisfies Partial<Record<AccessResource, readonly Operation[]>>;

export const refusals = {
  topic: { errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, errorMessage: 'Topic authorization failed.' },
  group: { errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED, errorMessage: 'Group authorization failed.' },
  cluster: {
    errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    errorMessage: 'Cluster authorization failed.',
  },
  transaction: {
    errorCode: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    errorMessage: 'Transactional Id authorization failed.',
  },
} as const;

/** Those for which it holds, and the others. */
export function parted<T>(all: readonly T[], holds: (each: T) => boolean): readonly [T[], T[]] {
  const yes: T[] = [];
  const no: T[] = [];
  for (const each of all) (holds(each) ? yes : no).push(each);
  return [yes, no];
}

/** The name of a topic that is named or known by its id; undefined: there is none with that id. */
export function topicName(
  topic: { name?: string | null; topicId?: string },
  byId: boolean,
  call: Call,
): string | undefined {
  return byId ? call.broker.topics.byId(topic.topicId ?? '')?.name : (topic.name ?? '');
}

/** What nobody is told: with a topic that is not there by its id the handler deals itself. */
export const mayTopic = (ask: Ask, operation: Operation, name: string | undefined): boolean =>
  name === undefined || ask.may(operation, 'TOPIC', name);
