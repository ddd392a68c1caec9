/** A contender of the race: how it looks at a PIN once, and many times at a time until it is told to stop. */
export interface Contender {
  readonly once: () => Promise<unknown>
  readonly many: (atOnce: number, isOver: () => boolean) => Promise<unknown>
}

/** For those whose look is a promise. */
export const promised = (look: () => Promise<unknown>): Contender => ({
  once: look,
  many: (atOnce, isOver) =>
    Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (!isOver()) await look()
      })
    )
})

const [, , server = "", mode = "once", seconds = "3"] = process.argv

/** Where the PIN is that every look is at. */
export const pinUrl = `${server}/pins/1272322473`
export const serverUrl = server

const atOnce = 32

const runFor = async ({ many }: Contender, millis: number): Promise<number> => {
  const end = performance.now() + millis
  let looks = 0
  await many(atOnce, () => {
    looks += 1
    return performance.now() >= end
  })
  return looks - atOnce
}

/** Does what the process was started for, and prints what came of it. */
export const contend = async (contender: Contender): Promise<void> => {
  if (mode === "once") {
    await contender.once()
    // Whole process: an idle connection must not keep it.
    process.exit(0)
  }
  await runFor(contender, 1_500) // until the code is hot
  const cpu = process.cpuUsage()
  const start = performance.now()
  const looks = await runFor(contender, Number(seconds) * 1_000)
  const elapsed = (performance.now() - start) / 1_000
  const { system, user } = process.cpuUsage(cpu)
  console.log(JSON.stringify({ perSecond: looks / elapsed, cpuMicros: (user + system) / looks }))
  process.exit(0)
}
