/** An event of which no document can be made; says why. */
export class UnfitEvent extends Error {
  override readonly name = 'UnfitEvent';
}

/** A time that a header gives in Unix ms, in decimal digits. Throws `UnfitEvent` for what is none. */
export function headerTime(name: string, written: string): number {
  const ms = /^[+-]?\d{1,16}$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isNaN(new Date(ms).getTime()))
    throw new UnfitEvent(`header ${name}: ${JSON.stringify(written)} is no time in milliseconds`);
  return ms;
}

export const isBlank = (text: string | undefined): text is undefined | '' =>
  text === undefined || text.trim() === '';
