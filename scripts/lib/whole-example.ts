/** The ways of an example of agent `a1`: how it lists its components, what stands where it names none, what ties them. */
const kinds = [
  { list: 'a1.sources', name: 'r1', stand: ['type = seq'], tie: 'channels = c1' },
  {
    list: 'a1.channels',
    name: 'c1',
    stand: ['type = memory', 'capacity = 10000', 'transactionCapacity = 1000'],
    tie: null,
  },
  { list: 'a1.sinks', name: 'k1', stand: ['type = logger'], tie: 'channel = c1' },
] as const;

/**
 * A component's example as a whole configuration: from seq through memory to logger, but for what the example says.
 * Lists come first, then what is neither source, channel nor sink, then these.
 */
export function wholeExample(example: string): string {
  const own = example.trim().split('\n');
  const isSet = (key: string): boolean => own.some((line) => line.startsWith(`${key} = `));
  const listed = kinds.map(
    ({ list, name }) => own.find((line) => line.startsWith(`${list} = `)) ?? `${list} = ${name}`,
  );
  const components = kinds.map(({ list, name, stand, tie }) => {
    const one = `${list}.${name}`;
    const lines = own.filter((line) => line.startsWith(`${list}.`));
    if (!isSet(`${one}.type`)) lines.unshift(...stand.map((line) => `${one}.${line}`));
    // Behind the type.
    if (tie !== null && !isSet(`${one}.${tie.split(' ')[0]}`)) lines.splice(1, 0, `${one}.${tie}`);
    return lines;
  });
  const others = own.filter(
    (line) => !kinds.some(({ list }) => line.startsWith(`${list}.`) || line.startsWith(`${list} `)),
  );
  return [...listed, ...others, ...components.flat()].join('\n');
}
