/** A difference between what the two programs keep: explained by what is deliberate, or made small and shown. */
import { type Builder, type Built, keptDifferences } from './built.ts';
import type { Case } from './case.ts';
import { type Deliberate, deliberateConfigurations } from './deliberate-configurations.ts';
import type { Program } from './program.ts';
import { shrunk } from './shrink.ts';

export interface BuiltVerdict {
  /** Entries by which the difference is explained; empty where there is none. */
  readonly explained: readonly string[];
  /** The case without what is deliberate, where it differs still. */
  readonly left: Case | null;
}

/** What is deliberate in it is taken out, one entry after the other, until nothing differs. */
export async function judge(
  builder: Builder,
  given: Case,
  entries: readonly Deliberate[] = deliberateConfigurations,
): Promise<BuiltVerdict> {
  let left = given;
  let built = await builder.build(left);
  const explained: string[] = [];
  while (keptDifferences(built.kept).length > 0) {
    const before = left;
    for (const entry of entries) {
      const without = entry.without(left, built.kept);
      if (without === left) continue;
      left = without;
      explained.push(entry.id);
      built = await builder.build(left);
      if (keptDifferences(built.kept).length === 0) return { explained, left: null };
    }
    if (left === before) return { explained, left };
  }
  return { explained, left: null };
}

const firstOf = (built: Built): string | undefined =>
  keptDifferences(built.kept)[0]?.split(' ').slice(0, 3).join(' ');

/** The smallest case with the same difference, as it is printed. */
export async function shownSmall(builder: Builder, given: Case, flume: Program): Promise<string> {
  const first = firstOf(await builder.build(given));
  const small = await shrunk(given, async (cases) =>
    Promise.all(
      cases.map(async (each) => {
        const { explained, left } = await judge(builder, each);
        if (left === null || explained.length > 0) return false;
        return firstOf(await builder.build(each)) === first;
      }),
    ),
  );
  const { kept, text, place } = await builder.build(small);
  return [
    ...keptDifferences(kept),
    '',
    text.replaceAll(place.prefix, ''),
    ...(kept.millrace.dropped ?? []).map((reason) => `Millrace: ${reason}`),
    ...flume
      .logOf(place.prefix)
      .slice(-4)
      .map((told) => `Flume: ${told.slice(0, 300)}`),
  ].join('\n');
}
