import type { CharSet } from './char-set.ts';
import { type Node, PatternFault } from './re2-syntax.ts';

/** One step of a program; `next` are places in it. */
export type Step =
  | { kind: 'chars'; set: CharSet; next: number }
  | { kind: 'begin' | 'end' | 'word-boundary' | 'no-word-boundary'; next: number }
  | { kind: 'fork'; next: number; other: number }
  | { kind: 'match' };

/** Steps of one program, and nodes that are visited for them; a larger one is refused (RE2/J knows no limit). */
const mostSteps = 10_000;
const mostVisits = 100_000;

export interface Program {
  readonly steps: readonly Step[];
  readonly start: number;
}

/** A pattern as a machine of as many steps as it has characters, repetitions written out. Throws `PatternFault`. */
export function compile(node: Node): Program {
  const builder = new Builder();
  const match = builder.add({ kind: 'match' });
  return { start: builder.node(node, match), steps: builder.steps };
}

class Builder {
  readonly steps: Step[] = [];
  #visits = 0;

  add(step: Step): number {
    if (this.steps.length >= mostSteps) throw new PatternFault('expression too large');
    return this.steps.push(step) - 1;
  }

  /** Adds what matches the node and goes on at `next`; returns where it begins. Built from behind. */
  node(node: Node, next: number): number {
    if (++this.#visits > mostVisits) throw new PatternFault('expression too large');
    switch (node.kind) {
      case 'empty':
        return next;
      case 'chars':
        return this.add({ kind: 'chars', set: node.set, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.node(part, after), next);
      case 'either': {
        const starts = node.parts.map((part) => this.node(part, next));
        return starts.reduceRight((other, start) => this.add({ kind: 'fork', next: start, other }));
      }
      case 'repeat':
        return this.#repeat(node, next);
      default:
        return this.add({ kind: node.kind, next });
    }
  }

  #repeat({ node, min, max }: Node & { kind: 'repeat' }, next: number): number {
    let start = next;
    if (max === Number.POSITIVE_INFINITY) {
      const fork: Step & { kind: 'fork' } = { kind: 'fork', next, other: next };
      const loop = this.add(fork);
      fork.next = this.node(node, loop);
      start = loop;
    } else {
      for (let i = min; i < max; i++)
        start = this.add({ kind: 'fork', next: this.node(node, start), other: next });
    }
    for (let i = 0; i < min; i++) start = this.node(node, start);
    return start;
  }
}
