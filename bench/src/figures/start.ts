import { printTable, ratio } from "../support/print.js"
import { run, withServer } from "../support/run.js"
import { inTurn, median } from "../support/statistics.js"

const contenders = ["plexAuthUndici", "plexAuthFetch", "plexjs", "plexOauth", "fetch", "undici"]

/** From the start of a process to its end, with one token read in between. */
export const start = async (rounds: number): Promise<void> => {
  const results = await withServer((server) =>
    inTurn(contenders, rounds, async (name) => {
      const started = performance.now()
      await run(`contenders/${name}`, [server, "once"])
      return performance.now() - started
    })
  )
  const millis = (name: string) => median(results.get(name) ?? [])
  printTable(
    `Process start to first token (${rounds} rounds)`,
    ["client", "ms", "of plexjs"],
    contenders.map((name) => [name, millis(name).toFixed(0), ratio(millis(name), millis("plexjs"))])
  )
}
