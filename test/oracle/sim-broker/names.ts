/** Topics that are deleted, made again and grown all the time. */
export const names = ['a', 'b'] as const;
/** Never deleted: offsets are committed for it. */
export const keptName = 'kept';
export const internalName = '__consumer_offsets';
export const hourMs = 3_600_000;
