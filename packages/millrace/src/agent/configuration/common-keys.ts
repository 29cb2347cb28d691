/** Properties that no spec has, because whoever builds agents reads them. */
import type { DefinitionKind } from '../../component/kinds.ts';

interface CommonKey {
  readonly does: string;
  readonly type: string;
  readonly required: boolean;
  readonly default?: string;
}

const type: CommonKey = {
  does: 'Which component it is: its alias in any letter case, or its class name.',
  type: 'text',
  required: true,
};

/** By kind, then by key. */
export const commonKeys: Partial<Record<DefinitionKind, Readonly<Record<string, CommonKey>>>> = {
  source: {
    type,
    channels: {
      does: 'The channels that its events go to; the selector decides which event goes where.',
      type: 'names, separated by blanks',
      required: true,
    },
    interceptors: {
      does: 'The interceptors that events pass, in this order, before they go into channels.',
      type: 'names, separated by blanks',
      required: false,
    },
    'selector.type': {
      does: 'Which of the channels an event goes to: all of them, or by a header.',
      type: 'text',
      required: false,
      default: 'replicating',
    },
  },
  channel: { type },
  sink: {
    type,
    channel: { does: 'The channel that it takes events from.', type: 'one name', required: true },
  },
  interceptor: { type },
  selector: { type: { ...type, required: false, default: 'replicating' } },
  processor: { type },
  configFilter: { type },
};

interface ListKey {
  readonly pattern: RegExp;
  readonly help: CommonKey & { readonly kind: string; readonly component: string };
}

const list = (word: string, does: string): ListKey => ({
  pattern: new RegExp(`^[^.]+\\.${word}$`),
  help: { kind: 'agent', component: '', does, type: 'names, separated by blanks', required: false },
});

/** `AGENT.sources` and its like: what is not listed there is ignored. */
export const listKeys: readonly ListKey[] = [
  list('sources', 'The sources of the agent; one that is described and not listed is ignored.'),
  list('channels', 'The channels of the agent; without one it cannot run.'),
  list('sinks', 'The sinks of the agent; one that is described and not listed is ignored.'),
  list('sinkgroups', 'The groups of sinks; the sinks of a group that is not listed run by themselves.'),
  list('configfilters', 'The config filters, which look up what references by their name stand for.'),
  {
    pattern: /^[^.]+\.sinkgroups\.[^.]+\.sinks$/,
    help: {
      kind: 'sinkgroup',
      component: '',
      does: 'The sinks of the group.',
      type: 'names, separated by blanks',
      required: true,
    },
  },
];
