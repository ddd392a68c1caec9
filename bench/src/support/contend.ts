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
        do await look()
        while (!isOver())
      })
    )
})

const [, , server = "", mode = "once", seconds = "3"] = process.argv

/** Where the PIN is that every look is at. */
export const pinUrl = `${server}/pins/1272322473`
export const serverUrl = server

const atOnce = 32

const runUntil = async ({ many }: Contender, isOver: (looks: number) => boolean): Promise<number> => {
  let looks = 0
  await many(atOnce, () => {
    looks += 1
    return isOver(looks)
  })
  return looks
}

/** Does what the process was started for, and prints what came of it. */
export const contend = async (contender: Contender): Promise<void> => {
  if (mode === "once") {
    await contender.once()
    // Whole process: an idle connection must not keep it.
    process.exit(0)
  }
  // Until the code is hot, however slow the machine is.
  await runUntil(contender, (looks) => looks >= 5_000)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const end = start + Number(seconds) * 1_000
  const looks = await runUntil(contender, () => performance.now() >= end)
  const elapsed = (performance.now() - start) / 1_000
  const { system, user } = process.cpuUsage(cpu)
  console.log(JSON.stringify({ perSecond: looks / elapsed, cpuMicros: (user + system) / looks }))
  process.exit(0)
}
