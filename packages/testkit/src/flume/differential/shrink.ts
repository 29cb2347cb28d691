/** A case that shows a difference, made smaller: every part is left out for as long as the difference is still there. */
import type { Case, Component } from './case.ts';

/** What each part may be replaced by: cases that are smaller by it, larger steps first. */
export function smallerCases(given: Case): Case[] {
  const { components, extra, folders, inputs } = given;
  const without = <T>(list: readonly T[], i: number): T[] => list.filter((_, at) => at !== i);
  const fewer: Case[] = [];
  if (inputs.length > 3) {
    const half = Math.ceil(inputs.length / 2);
    fewer.push({ ...given, inputs: inputs.slice(0, half) }, { ...given, inputs: inputs.slice(half) });
  }
  if (extra.length > 0) fewer.push({ ...given, extra: [] });
  for (const i of components.keys()) fewer.push({ ...given, components: without(components, i) });
  for (const i of inputs.keys()) fewer.push({ ...given, inputs: without(inputs, i) });
  for (const i of extra.keys()) fewer.push({ ...given, extra: without(extra, i) });
  for (const [i, component] of components.entries())
    for (const smaller of smallerComponents(component))
      fewer.push({ ...given, components: components.with(i, smaller) });
  for (const [i, input] of inputs.entries())
    for (const smaller of smallerInputs(input)) fewer.push({ ...given, inputs: inputs.with(i, smaller) });
  return fewer.map((each) => ({ ...each, folders }));
}

function smallerComponents(component: Component): Component[] {
  const { lines } = component;
  const fewer: Component[] = lines.map((_, i) => ({
    ...component,
    lines: lines.filter((__, at) => at !== i),
  }));
  for (const [i, each] of lines.entries()) {
    if (each.style !== 0) fewer.push({ ...component, lines: lines.with(i, { ...each, style: 0 }) });
    const words = each.value.split(/[ \t]+/);
    if (words.length > 1 && each.value.includes('«'))
      for (const w of words.keys())
        fewer.push({
          ...component,
          lines: lines.with(i, { ...each, value: words.filter((_, at) => at !== w).join(' ') }),
        });
  }
  return fewer;
}

function smallerInputs(input: Case['inputs'][number]): Case['inputs'][number][] {
  const { give } = input;
  if (give.kind === 'rpc')
    return give.events.length < 2
      ? []
      : give.events.map((_, i) => ({
          ...input,
          give: { ...give, events: give.events.filter((__, at) => at !== i) },
        }));
  if (give.kind === 'tcp')
    return give.chunks.length < 2
      ? []
      : give.chunks.map((_, i) => ({
          ...input,
          give: { ...give, chunks: give.chunks.filter((__, at) => at !== i) },
        }));
  if (give.kind === 'file' || give.kind === 'append') {
    const lines = give.bytes.split(/(?<=\n)/);
    if (lines.length < 2) return [];
    const half = Math.ceil(lines.length / 2);
    return [lines.slice(0, half), lines.slice(half)].map((left) => ({
      ...input,
      give: { ...give, bytes: left.join('') },
    }));
  }
  return [];
}

/**
 * The smallest that is found from `given`. `differing` runs cases at once and says of each whether the difference is
 * still there; it is asked in groups of `width`.
 */
export async function shrunk(
  given: Case,
  differing: (cases: readonly Case[]) => Promise<boolean[]>,
  { width = 30, mostRounds = 40 } = {},
): Promise<Case> {
  let smallest = given;
  let rounds = 0;
  search: for (let again = true; again; ) {
    again = false;
    const candidates = smallerCases(smallest);
    for (let at = 0; at < candidates.length; at += width) {
      if (++rounds > mostRounds) break search;
      const group = candidates.slice(at, at + width);
      const found = await differing(group);
      const first = group.find((_, i) => found[i]);
      if (first === undefined) continue;
      smallest = first;
      again = true;
      break;
    }
  }
  return smallest;
}
