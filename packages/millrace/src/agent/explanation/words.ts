/** An explanation as text. Lines are as long as they get; whoever prints them breaks them. */
import type { AgentExplanation, ChannelStep, Explanation, Flow, Statement, Step } from './explanation.ts';

/** One line of the text. */
export interface Line {
  readonly text: string;
  /** How deep it stands. */
  readonly depth: number;
  readonly is: 'agent' | 'heading' | 'step' | 'statement' | 'instead' | 'blank';
}

const blank: Line = { text: '', depth: 0, is: 'blank' };

export function wordsOf({ agents }: Explanation): Line[] {
  return agents.flatMap((agent, i) => [...(i === 0 ? [] : [blank]), ...wordsOfAgent(agent)]);
}

function wordsOfAgent(agent: AgentExplanation): Line[] {
  const { name, runs, flows, groups, losses, doubles, order, limits } = agent;
  const lines: Line[] = [{ text: `agent ${name}${runs ? '' : " can't run"}`, depth: 0, is: 'agent' }];
  if (!runs) return lines;
  for (const flow of flows) lines.push(blank, ...wordsOfFlow(flow));
  for (const group of groups) lines.push(blank, step(group, 1));
  lines.push(
    ...section(
      'What can be lost',
      losses,
      'Nothing that is known: each event is kept until the next has it.',
    ),
    ...section('What can come twice', doubles, 'Nothing that is known.'),
    ...section('In which order events come', order, 'In the order in which they came in.'),
    ...section('Where it could be faster', limits, 'Nothing stands out.'),
  );
  return lines;
}

function section(title: string, statements: readonly Statement[], none: string): Line[] {
  const lines: Line[] = [blank, { text: title, depth: 1, is: 'heading' }];
  if (statements.length === 0) lines.push({ text: none, depth: 2, is: 'statement' });
  for (const { where, text, instead } of statements) {
    lines.push({ text: `${where}: ${text}.`, depth: 2, is: 'statement' });
    if (instead !== undefined) lines.push({ text: `Better: ${instead}.`, depth: 3, is: 'instead' });
  }
  return lines;
}

function wordsOfFlow({ source, interceptors, selector, channels }: Flow): Line[] {
  const lines: Line[] = [];
  if (source !== undefined) lines.push(step(source, 1));
  for (const each of interceptors) lines.push(step(each, 2));
  // With one channel there is nothing to select.
  if (selector !== undefined && channels.length > 1) {
    lines.push({ text: `the ${selector.type} selector ${selector.does}`, depth: 2, is: 'step' });
  }
  const depth = source === undefined ? 1 : 2;
  for (const channel of channels) lines.push(...wordsOfChannel(channel, depth));
  return lines;
}

function wordsOfChannel(channel: ChannelStep, depth: number): Line[] {
  const lines = [step(channel, depth)];
  if (channel.sinks.length === 0) lines.push({ text: 'no sink takes from it', depth: depth + 1, is: 'step' });
  for (const sink of channel.sinks) {
    const { delivered, guarantee } = sink;
    lines.push(step(sink, depth + 1));
    const when = delivered === undefined ? '' : `an event is delivered once ${delivered}; `;
    lines.push({ text: `${when}from end to end: ${guarantee}`, depth: depth + 2, is: 'step' });
  }
  return lines;
}

const step = ({ kind, name, type, does }: Step, depth: number): Line => ({
  text: `${kind} ${name} (${type.split('.').at(-1)!.replace('$Builder', '')}) ${does}`,
  depth,
  is: 'step',
});
