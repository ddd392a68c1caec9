/** The value below which a share of the values lies. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN
}

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

/** Runs all contenders in turn, several times over, so that what else the machine does hits each of them alike. */
export const inTurn = async <A>(
  names: ReadonlyArray<string>,
  rounds: number,
  measure: (name: string) => Promise<A>
): Promise<ReadonlyMap<string, ReadonlyArray<A>>> => {
  const results = new Map(names.map((name) => [name, new Array<A>()]))
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) results.get(name)?.push(await measure(name))
  }
  return results
}
